//! Makes sure that there is a console to embed: the built one, or a page that says how to build it.

use std::fs;
use std::path::Path;

const PLACEHOLDER: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Omotenashi</title>\
<p>The console is not built. Run <code>make console</code>, then build the server again.\
<p lang=\"ja\">コンソールはまだビルドされていません。<code>make console</code> を実行してから、サーバーをビルドし直してください。</html>\n";

fn main() -> std::io::Result<()> {
    let dist = Path::new("../../console/dist");
    println!("cargo::rerun-if-changed={}", dist.display());
    println!("cargo::rerun-if-changed=build.rs");
    let page = dist.join("index.html");
    if !page.exists() {
        fs::create_dir_all(dist)?;
        fs::write(page, PLACEHOLDER)?;
    }
    Ok(())
}
