// SPDX-License-Identifier: Apache-2.0
import { kinds } from "~/screens/policies/address.ts";
import { DocumentPage } from "~/screens/policies/document.tsx";
import { PolicyList } from "~/screens/policies/list.tsx";

export default function PoliciesScreen({ id }: { id: string }) {
  const kind = kinds.find((known) => known === id);
  if (kind) return <DocumentPage kind={kind} />;
  return id ? <section><h1>Not found</h1><p class="soft">There is no kind of document with this name.</p></section> : <PolicyList />;
}
