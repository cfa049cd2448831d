/** Entry of the meeting page at `/r/<room>`. */
import { mount } from "svelte";
import "../shared/theme.css";
import App from "./App.svelte";

const target = document.getElementById("app");
if (target) {
  // The sentence for browsers that do not come as far as this.
  target.replaceChildren();
  mount(App, { target });
}
