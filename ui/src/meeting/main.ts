/** Entry of the meeting page at `/r/<room>`. */
import { mount } from "svelte";
import "../shared/theme.css";
import App from "./App.svelte";

const target = document.getElementById("app");
if (target) mount(App, { target });
