//! Any text at all: it compiles or says why not, and what is printed reads as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use liquid::{CompileOptions, Template, compat, format};

fuzz_target!(|source: &str| {
    let options = CompileOptions { aliases: compat::ALL, ..CompileOptions::default() };
    let _ = Template::compile(source, &options).map(|template| template.touches().clone());
    if let Ok(printed) = format(source) {
        assert_eq!(format(&printed).as_ref(), Ok(&printed));
    }
});
