"""The stand-in for meson: what it refuses and why, and the libsrtp stand-in's C++ compiled and run."""

import http.server
import os
import subprocess
import tempfile
import threading
import unittest
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from unittest import mock

FOLDER = Path(__file__).resolve().parent.parent


def load():
    """The stand-in as a module: it has no suffix by which Python would know it."""
    loader = SourceFileLoader("standin", str(FOLDER / "meson"))
    module = module_from_spec(spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


standin = load()


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def has_libsrtp():
    query = ["pkg-config", "--exists", "libsrtp2"]
    try:
        return subprocess.run(query, check=False).returncode == 0
    except FileNotFoundError:
        return False


class WorkerCase(unittest.TestCase):
    """Tests on a made-up worker's sources."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="confab-standin-")
        self.addCleanup(folder.cleanup)
        self.worker = Path(folder.name)

    def wrap(self, name, directory, **urls):
        lines = ["[wrap-file]", f"directory = {directory}"] + [f"{key} = {url}" for key, url in urls.items()]
        write(self.worker / "subprojects" / f"{name}.wrap", "\n".join(lines) + "\n")

    def wrap_all(self, **urls):
        for path in standin.standins():
            self.wrap(path.name, f"{path.name}-1.0", **urls)


class MendingDtls(WorkerCase):
    def source(self, text):
        path = self.worker / standin.DTLS_SOURCE
        write(path, text)
        return path

    def test_mends_the_line_and_nothing_else(self):
        path = self.source(f"before;\nreturn {standin.DTLS_BROKEN}\nafter;\n")
        standin.mend_dtls(self.worker)
        self.assertEqual(path.read_text(encoding="utf-8"), f"before;\nreturn {standin.DTLS_MENDED}\nafter;\n")

    def test_refuses_a_source_without_the_line_or_with_it_twice(self):
        for text in ("return ret;\n", standin.DTLS_BROKEN * 2):
            path = self.source(text)
            with self.subTest(text), self.assertRaisesRegex(standin.StandinError, "onSslBioOut"):
                standin.mend_dtls(self.worker)
            self.assertEqual(path.read_text(encoding="utf-8"), text)


class LayingStandins(WorkerCase):
    def test_reads_the_folders_from_the_wraps(self):
        self.wrap("openssl", "openssl-3.0.10", source_url="https://example.org/100%25/openssl.tar.gz")
        self.wrap("libuv", "libuv-v1.51.0")
        self.assertEqual(standin.wraps(self.worker), {"libuv": "libuv-v1.51.0", "openssl": "openssl-3.0.10"})

    def test_lays_each_standin_into_its_wraps_folder(self):
        self.wrap_all()
        standin.lay_standins(self.worker)
        for path in standin.standins():
            laid = self.worker / "subprojects" / f"{path.name}-1.0"
            self.assertTrue((laid / "meson.build").is_file(), path.name)
            self.assertTrue((laid / "empty.c").is_file(), path.name)

    def test_refuses_a_worker_without_one_of_the_wraps(self):
        self.wrap_all()
        (self.worker / "subprojects" / "libuv.wrap").unlink()
        self.wrap("libev", "libev-4")
        with self.assertRaisesRegex(standin.StandinError, "no wrap 'libuv'.*libev"):
            standin.lay_standins(self.worker)


class ChoosingTheWay(unittest.TestCase):
    def choice(self, value, missing):
        with mock.patch.dict(os.environ, {"CONFAB_MEDIASOUP_LIBS": value}):
            with mock.patch.object(standin, "missing_packages", lambda: missing):
                return standin.uses_system_libraries()

    def test_takes_the_systems_libraries_where_all_are_there(self):
        with mock.patch.object(standin.sys, "platform", "linux"):
            self.assertTrue(self.choice("auto", []))
            self.assertTrue(self.choice("", []))
            self.assertFalse(self.choice("auto", ["libuv1-dev"]))
        with mock.patch.object(standin.sys, "platform", "darwin"):
            self.assertFalse(self.choice("auto", []))

    def test_does_as_told(self):
        self.assertFalse(self.choice("upstream", []))
        self.assertTrue(self.choice("system", []))

    def test_names_what_is_missing_and_what_cannot_be_meant(self):
        with self.assertRaisesRegex(standin.StandinError, "apt-get install libuv1-dev libsrtp2-dev$"):
            self.choice("system", ["libuv1-dev", "libsrtp2-dev"])
        with self.assertRaisesRegex(standin.StandinError, "'sytem'.*auto, system or upstream"):
            self.choice("sytem", [])

    def test_names_every_package_where_pkg_config_itself_is_missing(self):
        with mock.patch.object(standin.shutil, "which", lambda program: None):
            missing = standin.missing_packages()
        self.assertEqual(set(missing), {*standin.PROGRAMS.values(), *standin.MODULES.values()})


class AskingForTheWraps(WorkerCase):
    """Against a server of this test's own, which has one file."""

    def setUp(self):
        super().setUp()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_HEAD(self):
                self.send_response(200 if self.path == "/here" else 404)
                self.end_headers()

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.here = f"http://127.0.0.1:{server.server_address[1]}/here"
        self.gone = f"http://127.0.0.1:{server.server_address[1]}/gone"

    def test_they_answer_when_each_source_and_patch_does(self):
        self.wrap_all(source_url=self.here, patch_url=self.here)
        self.assertTrue(standin.wraps_answer(self.worker))

    def test_a_fallback_will_do(self):
        self.wrap_all(source_url=self.gone, source_fallback_url=self.here)
        self.assertTrue(standin.wraps_answer(self.worker))

    def test_one_that_is_gone_closes_the_way(self):
        self.wrap_all(source_url=self.here)
        self.wrap("openssl", "openssl-1.0", source_url=self.here, patch_url=self.gone)
        self.assertFalse(standin.wraps_answer(self.worker))
        self.wrap("openssl", "openssl-1.0", source_url="nonsense")
        self.assertFalse(standin.wraps_answer(self.worker))

    def test_no_wraps_are_no_answer(self):
        self.assertFalse(standin.wraps_answer(self.worker))


class LibsrtpStandin(unittest.TestCase):
    @unittest.skipUnless(has_libsrtp(), "libsrtp2-dev is not installed: mediasoup is built upstream's way, without it")
    def test_refuses_what_it_must_and_carries_what_it_should(self):
        with tempfile.TemporaryDirectory(prefix="confab-standin-") as folder:
            program = Path(folder) / "srtp_standin_test"
            compiler = os.getenv("CXX") or "c++"
            include = FOLDER / "subprojects" / "libsrtp3" / "include"
            source = FOLDER / "tests" / "srtp_standin_test.cpp"
            flags = ["-std=c++20", "-Wall", "-Wextra", "-Werror", "-fsanitize=undefined", f"-I{include}"]
            build = [compiler, *flags, str(source), "-o", str(program), "-lsrtp2"]
            subprocess.run(build, check=True)
            run = subprocess.run([str(program)], check=False, capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)


if __name__ == "__main__":
    unittest.main()
