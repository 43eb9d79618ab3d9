// SPDX-License-Identifier: Apache-2.0
import "~/app/visible.ts";
import { render } from "preact";
import { App } from "~/app/app.tsx";
import { whoAmI } from "~/app/session.ts";

const root = document.getElementById("app");
if (!root) throw new Error("no #app in the page");
render(<App />, root);
void whoAmI();
