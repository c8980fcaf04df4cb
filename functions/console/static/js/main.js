/** The console: signs in, and shows the page that the address names. */

import { html, render, useEffect, useState } from "./dom.js";
import { useLoad } from "./load.js";
import { Me } from "./me.js";
import { Customer } from "./pages/customer.js";
import { Customers } from "./pages/customers.js";
import { Event } from "./pages/event.js";
import { LogFile } from "./pages/log_file.js";
import { Logs } from "./pages/logs.js";
import { Overview } from "./pages/overview.js";
import { Product } from "./pages/product.js";
import { Products } from "./pages/products.js";
import { Record } from "./pages/record.js";
import { Retries } from "./pages/retries.js";
import { System } from "./pages/system.js";
import { link, parseHash } from "./routes.js";
import { currentKey, onSession, takeKeyFromAddress, touch } from "./session.js";
import { Empty } from "./ui/parts.js";
import { Shell } from "./ui/shell.js";
import { SignIn } from "./ui/sign_in.js";
import { Uploads, useUploads } from "./uploads.js";

const IDLE_LOOK_MILLISECONDS = 30_000;

function App() {
  const place = usePlace();
  const { signedIn, shown } = useSignedIn();
  return html`
    ${shown && html`<${SignedIn} place=${place} />`}
    ${!signedIn && html`<${SignIn} again=${shown} />`}
  `;
}

function SignedIn({ place }) {
  const me = useLoad("me");
  const uploads = useUploads();
  return html`<${Me.Provider} value=${me.data}><${Uploads.Provider} value=${uploads}>
    <${Shell} page=${place.page}><${Page} place=${place} /><//>
  <//><//>`;
}

/** The pages by their names; each tells from the place what it shows. */
const PAGES = {
  overview: () => html`<${Overview} />`,
  customers: ({ customer, tab = "money" }) =>
    customer ? html`<${Customer} key=${customer} id=${customer} tab=${tab} />` : html`<${Customers} />`,
  event: ({ customer, event }) =>
    event ? html`<${Event} key=${`${customer} ${event}`} customer=${customer} id=${event} />` : missing(),
  record: ({ record }) => (record ? html`<${Record} key=${record} id=${record} />` : missing()),
  retries: () => html`<${Retries} />`,
  logs: ({ file }) => (file ? html`<${LogFile} key=${file} id=${file} />` : html`<${Logs} />`),
  products: ({ product }) =>
    product ? html`<${Product} key=${product} id=${product} />` : html`<${Products} />`,
  system: () => html`<${System} />`,
  missing,
};

function Page({ place }) {
  return PAGES[place.page](place);
}

function missing() {
  return html`<${Empty} title="There is no such page">Go to the <a href=${link()}>overview</a>.<//>`;
}

function usePlace() {
  const [place, setPlace] = useState(() => parseHash(location.hash));
  useEffect(() => {
    const changed = () => {
      takeKeyFromAddress();
      setPlace(parseHash(location.hash));
    };
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return place;
}

/** Whether somebody is signed in, and whether the page is shown: also below who has to sign in again. */
function useSignedIn() {
  const [state, setState] = useState(() => ({ signedIn: currentKey() !== null, shown: currentKey() !== null }));
  useEffect(() => {
    const look = ({ pageStays }) => {
      const signedIn = currentKey() !== null;
      setState((old) => ({ signedIn, shown: signedIn || (old.shown && (pageStays || !old.signedIn)) }));
    };
    const timer = setInterval(() => currentKey() === null && look({ pageStays: false }), IDLE_LOOK_MILLISECONDS);
    const stop = onSession(look);
    const used = () => touch();
    for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, used);
    return () => {
      clearInterval(timer);
      stop();
      for (const kind of ["pointerdown", "keydown"]) removeEventListener(kind, used);
    };
  }, []);
  return state;
}

takeKeyFromAddress();
render(html`<${App} />`, document.getElementById("app"));
