//! Prepares the native shell: Tauri's configuration and rights, and what mediasoup's worker adds to the link.

#[path = "mediasoup-meson/link_args.rs"]
mod link_args;

fn main() {
    for path in [
        "src-tauri/capabilities",
        "src-tauri/permissions",
        "assets/tray",
        "ui/dist/host.html",
    ] {
        println!("cargo:rerun-if-changed={path}");
    }
    if !std::path::Path::new("ui/dist/host.html").is_file() {
        eprintln!("The pages are not built yet: run `cargo xtask run`, or `npm ci` and `npm run build` in ui.");
        std::process::exit(1);
    }
    link_args::print("src-tauri/mediasoup-meson/meson");
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/**/*")
        .app_manifest(tauri_build::AppManifest::new().permissions_path_pattern("./src-tauri/permissions/**/*"));
    if let Err(error) = tauri_build::try_build(attributes) {
        eprintln!("{error:#}");
        std::process::exit(1);
    }
}
