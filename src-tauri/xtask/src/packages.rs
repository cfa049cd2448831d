//! What Confab needs from the system, by purpose: Debian's names of the packages, and how to see elsewhere whether
//! the thing is there.

/// Packages that are needed together.
#[derive(Debug)]
pub(crate) struct Purpose {
    /// What they are for, in a few words.
    pub(crate) what: &'static str,
    /// Whether Linux alone needs them.
    pub(crate) linux_only: bool,
    pub(crate) packages: &'static [Package],
}

/// A package by Debian's name.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: &'static str,
    pub(crate) probe: Probe,
}

/// How to see on a system without Debian's packages whether a thing is there.
#[derive(Debug)]
pub(crate) enum Probe {
    /// A program on the PATH.
    Program(&'static str),
    /// A library to compile with, by its pkg-config name.
    Module(&'static str),
    /// A library to run with, by its file name.
    Library(&'static str),
}

use Probe::{Library, Module, Program};

const fn package(name: &'static str, probe: Probe) -> Package {
    Package { name, probe }
}

/// mediasoup's worker and the WebM writer are C++.
pub(crate) const COMPILER: Purpose = Purpose {
    what: "compiling",
    linux_only: false,
    packages: &[package("g++", Program("c++"))],
};

/// What mediasoup's worker is built on where its own sources cannot be downloaded: the same as in
/// src-tauri/mediasoup-meson/meson, which a test compares.
pub(crate) const MEDIASOUP: Purpose = Purpose {
    what: "mediasoup's worker",
    linux_only: true,
    packages: &[
        package("pkg-config", Program("pkg-config")),
        package("libuv1-dev", Module("libuv")),
        package("libssl-dev", Module("openssl")),
        package("libsrtp2-dev", Module("libsrtp2")),
        package("libflatbuffers-dev", Module("flatbuffers")),
        package("flatbuffers-compiler", Program("flatc")),
    ],
};

/// The desktop app's window, to compile.
pub(crate) const WINDOW_BUILD: Purpose = Purpose {
    what: "compiling the window",
    linux_only: true,
    packages: &[
        package("pkg-config", Program("pkg-config")),
        package("libwebkit2gtk-4.1-dev", Module("webkit2gtk-4.1")),
    ],
};

/// The desktop app's tray icon; loaded when the app starts.
pub(crate) const TRAY: Purpose = Purpose {
    what: "the tray icon",
    linux_only: true,
    packages: &[package(
        "libayatana-appindicator3-1",
        Library("libayatana-appindicator3.so.1"),
    )],
};

/// Composing a recording's tracks into one file.
pub(crate) const RECORDING: Purpose = Purpose {
    what: "recordings",
    linux_only: false,
    packages: &[package("ffmpeg", Program("ffmpeg"))],
};

/// A streaming server to broadcast to, in tests and benchmarks.
pub(crate) const STREAMING: Purpose = Purpose {
    what: "tests of broadcasting",
    linux_only: true,
    packages: &[
        package("nginx", Program("nginx")),
        // A module of it, which is found where it is.
        package("libnginx-mod-rtmp", Program("nginx")),
    ],
};

/// Real meetings in tests.
pub(crate) const BROWSER: Purpose = Purpose {
    what: "tests in a browser",
    linux_only: true,
    packages: &[package("chromium", Program("chromium"))],
};

/// Tests of the window and the tray: a screen of their own, a session bus, a driver for the window, keys and pictures.
pub(crate) const SCREEN: Purpose = Purpose {
    what: "tests of the window and the tray",
    linux_only: true,
    packages: &[
        package("xvfb", Program("Xvfb")),
        package("xauth", Program("xauth")),
        package("dbus-daemon", Program("dbus-run-session")),
        package("libglib2.0-bin", Program("gdbus")),
        package("webkit2gtk-driver", Program("WebKitWebDriver")),
        package("openbox", Program("openbox")),
        package("xdotool", Program("xdotool")),
        package("imagemagick", Program("import")),
    ],
};

/// Tests in network namespaces of their own.
pub(crate) const NETWORK: Purpose = Purpose {
    what: "tests with several networks",
    linux_only: true,
    packages: &[
        package("iproute2", Program("ip")),
        // Loses some of what passes.
        package("nftables", Program("nft")),
    ],
};

/// Every purpose there is.
pub(crate) const ALL: [&Purpose; 9] = [
    &COMPILER,
    &MEDIASOUP,
    &WINDOW_BUILD,
    &TRAY,
    &RECORDING,
    &STREAMING,
    &BROWSER,
    &SCREEN,
    &NETWORK,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mediasoup_needs_what_the_stand_in_says() {
        let stand_in = include_str!("../../mediasoup-meson/meson");
        for package in MEDIASOUP.packages {
            assert!(
                stand_in.contains(&format!("\"{}\"", package.name)),
                "{} is not in the stand-in",
                package.name
            );
        }
        let named = stand_in.matches("-dev\"").count();
        let here = MEDIASOUP
            .packages
            .iter()
            .filter(|package| package.name.ends_with("-dev"))
            .count();
        assert_eq!(named, here, "the stand-in names other libraries than MEDIASOUP");
    }
}
