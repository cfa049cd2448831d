/** The desktop's notifications: the tests are their server on the session bus, with buttons. */
import dbus from "@homebridge/dbus-native";
import { until } from "./until.js";

const NAME = "org.freedesktop.Notifications";
const PATH = "/org/freedesktop/Notifications";

/**
 * @typedef {object} Shown
 * @property {number} id
 * @property {string} title
 * @property {string} body
 * @property {Record<string, string>} buttons the words by the action that they stand for
 * @property {boolean} isClosed
 */

/** Takes the notifications of every program on this bus; `close()` ends it. */
export async function notificationServer() {
  // The library's types leave out what serves.
  const bus = /** @type {any} */ (dbus).sessionBus();
  /** All that were ever shown, the oldest first. @type {Shown[]} */
  const all = [];
  const server = {
    GetCapabilities: () => ["actions", "body"],
    GetServerInformation: () => ["tests", "Confab", "1", "1.2"],
    Notify(_program, _replaces, _icon, title, body, actions) {
      const buttons = /** @type {Record<string, string>} */ ({});
      for (let at = 0; at < actions.length; at += 2) buttons[actions[at]] = actions[at + 1];
      const id = all.length + 1;
      all.push({ id, title, body, buttons, isClosed: false });
      return id;
    },
    CloseNotification(id) {
      const shown = all.find((one) => one.id === id);
      if (shown) shown.isClosed = true;
      bus.sendSignal(PATH, NAME, "NotificationClosed", "uu", [id, 3]);
    },
  };
  bus.exportInterface(server, PATH, {
    name: NAME,
    methods: {
      GetCapabilities: ["", "as"],
      GetServerInformation: ["", "ssss"],
      Notify: ["susssasa{sv}i", "u"],
      CloseNotification: ["u", ""],
    },
    signals: { ActionInvoked: ["us"], NotificationClosed: ["uu"] },
  });
  await new Promise((resolve, reject) => {
    bus.requestName(NAME, 0, (error) => (error ? reject(error) : resolve(undefined)));
  });
  return {
    all,
    /** Waits until a notification with this title is on the screen. */
    shows: (title) =>
      until(`the desktop shows "${title}"`, () => all.find((one) => one.title === title && !one.isClosed)),
    /** Presses the button that stands for this action; `default` is a press beside the buttons. */
    press: (shown, action) => bus.sendSignal(PATH, NAME, "ActionInvoked", "us", [shown.id, action]),
    close: () => bus.connection.end(),
  };
}
