/** The tray icon as a desktop sees it: by D-Bus, on the session bus of the tests. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { until } from "./until.js";

const run = promisify(execFile);
const ITEM = "/org/ayatana/NotificationItem/tray_icon_tray_app_confab";
const MENU = `${ITEM}/Menu`;

async function call(bus, path, method, ...args) {
  const target = [
    "call",
    "--session",
    "--timeout",
    "5",
    "--dest",
    bus,
    "--object-path",
    path,
    "--method",
    method,
    "--",
  ];
  return (await run("gdbus", [...target, ...args])).stdout;
}

/** The connection of process `pid` that has the tray icon: a program has several. */
async function busOf(pid) {
  const bus = "org.freedesktop.DBus";
  const names = (await call(bus, "/org/freedesktop/DBus", `${bus}.ListNames`)).match(/':\d+\.\d+'/g) ?? [];
  for (const name of names.map((quoted) => quoted.slice(1, -1))) {
    try {
      const owner = await call(bus, "/org/freedesktop/DBus", `${bus}.GetConnectionUnixProcessID`, name);
      if (!owner.includes(`uint32 ${pid},`)) continue;
      await call(name, MENU, "com.canonical.dbusmenu.GetLayout", "0", "1", "[]");
      return name;
    } catch {
      // Another program's connection, gone by now, or one without a menu.
    }
  }
  return null;
}

/** The tray icon of process `pid`, once it is there. */
export async function trayOf(pid) {
  const bus = await until("the tray icon is there", () => busOf(pid));

  /** The entries by their words; an entry that cannot be chosen has `enabled: false`. */
  async function entries() {
    const layout = await call(bus, MENU, "com.canonical.dbusmenu.GetLayout", "0", "-1", "['label','enabled']");
    return [...layout.matchAll(/\((\d+), \{([^}]*)\}/g)].flatMap(([, id, properties]) => {
      const label = /'label': <'([^']*)'>/.exec(properties)?.[1];
      // The root has the number 0 and no words of its own. Two underscores are GTK's way to write one.
      return label && id !== "0"
        ? [{ id, label: label.replaceAll("__", "_"), enabled: !properties.includes("'enabled': <false>") }]
        : [];
    });
  }

  return {
    entries,
    labels: async () => (await entries()).map((entry) => entry.label),
    /** Waits for the entry and clicks it. */
    async click(label) {
      await until(`the tray offers "${label}"`, async () => {
        const entry = (await entries()).find((entry) => entry.label === label && entry.enabled);
        // Refused where the menu was made anew since the look at it, with other numbers: then it is looked at again.
        return entry && (await call(bus, MENU, "com.canonical.dbusmenu.Event", entry.id, "clicked", "<''>", "0"));
      });
    },
    /** The file of the picture that is shown. */
    async picture() {
      const properties = "org.freedesktop.DBus.Properties.Get";
      const answer = await call(bus, ITEM, properties, "org.kde.StatusNotifierItem", "IconName");
      return /<'([^']*)'>/.exec(answer)?.[1] ?? "";
    },
  };
}
