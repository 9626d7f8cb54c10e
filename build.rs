//! Tells the program which commit it was built from, where it is built from a checkout with git at hand; else it says its version alone.

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let git = |asked: &[&str]| {
        let output = Command::new("git").args(asked).output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
    };
    // A package unpacked inside somebody else's repository must not take that repository's commit for its own.
    let own = git(&["rev-parse", "--show-toplevel"]).is_some_and(|top| std::env::var("CARGO_MANIFEST_DIR").is_ok_and(|here| here == top));
    if !own {
        return;
    }
    for watched in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", watched]).filter(|path| std::path::Path::new(path).exists()) {
            println!("cargo:rerun-if-changed={path}");
        }
    }
    if let Some(commit) = git(&["rev-parse", "--short=9", "HEAD"]) {
        println!("cargo:rustc-env=FLIGHTDECK_COMMIT={commit}");
    }
}
