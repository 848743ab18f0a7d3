//! A message that was rendered before needs no memory from the system.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use liquid::{CompileOptions, RenderOptions, Template};
use serde_json::json;

use crate::data::Json;

/// The system's memory, with a count for each thread of how often it was asked for some.
struct Counting;

thread_local! {
    static ASKED: Cell<u64> = const { Cell::new(0) };
}

#[global_allocator]
static COUNTING: Counting = Counting;

#[expect(unsafe_code, reason = "an allocator cannot be written otherwise; this one hands everything on")]
// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // While the thread ends there is nobody left who counts.
        let _ = ASKED.try_with(|asked| asked.set(asked.get() + 1));
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(memory, layout) }
    }
}

/// How often rendering `source` again asks the system for memory.
fn asked(source: &str) -> u64 {
    let data = json!({
        "name": "Aiko & Ren", "vip": true, "points": 720,
        "items": [
            { "title": "Boots \"Kyoto\"", "cents": 8990 },
            { "title": "Socks & laces", "cents": 1250 },
            { "title": "Wax", "cents": 799 },
        ],
    });
    let template = Template::compile(source, &CompileOptions::default()).expect("it compiles");
    let mut out = String::new();
    let mut render = || {
        out.clear();
        let report = template.render(&Json(&data), &RenderOptions::default(), &mut out).expect("it renders");
        assert!(report.is_whole());
    };
    render();
    let before = ASKED.get();
    render();
    ASKED.get() - before
}

#[test]
fn rendering_again_asks_for_no_memory() {
    for source in [
        "Hello {{ name | default: 'there' | escape }}, {{ nick | default: 'friend' }}",
        "{% for item in items %}{{ forloop.index }} {{ item.title | escape }} {{ item.cents | divided_by: 100.0 | round: 2 }}{% endfor %}",
        "{% if vip and points > 500 %}{{ points }} points{% else %}none{% endif %}{{ items.first.title }}{{ items.size }}",
        "{% assign total = points | plus: 1 %}{% capture line %}{{ name }}: {{ total }}{% endcapture %}{{ line | append: '.' | truncate: 12 }}",
        "{% case points %}{% when 1, 2 %}few{% else %}many{% endcase %}{% unless vip %}-{% endunless %}",
    ] {
        assert_eq!(asked(source), 0, "{source}");
    }
}
