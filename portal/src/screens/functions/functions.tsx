// SPDX-License-Identifier: Apache-2.0
import { FunctionPage } from "~/screens/functions/function.tsx";
import { FunctionList } from "~/screens/functions/list.tsx";

export default function FunctionsScreen({ id, tab }: { id: string; tab: string }) {
  return id ? <FunctionPage id={id} tab={tab || "protection"} /> : <FunctionList />;
}
