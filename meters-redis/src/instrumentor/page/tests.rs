//! Pages of what instrumentor wrote, and of what nobody should have written.

use super::*;

fn golden(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

fn page(hash: &serde_json::Value) -> Page {
    Page::read(hash.as_object().unwrap().iter().map(|(field, value)| (field, value.as_str().unwrap())))
}

#[test]
fn a_page_as_python_s_is_python_s_wherever_that_can_be_read() {
    let cases = golden(include_str!("../../../../tests/golden/instrumentor_exposition.json"));
    let cases = cases.as_array().unwrap();
    assert_eq!(cases.len(), 11);
    for (place, case) in cases.iter().enumerate() {
        // What theirs makes of these, no Prometheus reads.
        let ours = match place {
            2 => "# HELP c None\n# TYPE c untyped\nc 1\n\n",
            9 => "# HELP c d\n# TYPE c counter\nc{u=\"http://x\"} 1\n\n",
            10 => "",
            _ => case["text"].as_str().unwrap(),
        };
        assert_eq!(page(&case["hash"]).as_python(), ours, "case {place}");
    }
}

#[test]
fn the_hash_that_the_real_library_wrote_gives_the_page_that_it_made() {
    let case = golden(include_str!("../../../../tests/golden/instrumentor_hash.json"));
    let page = page(&case["fields"]);
    assert_eq!((page.as_python().as_str(), page.skipped()), (case["exposition"].as_str().unwrap(), 0));
    let text = page.to_string();
    let histogram: Vec<_> = text.lines().filter(|line| line.starts_with("request_seconds")).collect();
    assert_eq!(
        histogram,
        [
            "request_seconds_bucket{le=\"0.05\"} 1",
            "request_seconds_bucket{le=\"0.1\"} 2",
            "request_seconds_bucket{le=\"1\"} 3",
            "request_seconds_bucket{le=\"2.5\"} 3",
            "request_seconds_bucket{le=\"10\"} 4",
            "request_seconds_bucket{le=\"+Inf\"} 4",
            "request_seconds_sum 3.8300000000000003",
            "request_seconds_count 4",
        ]
    );
}

#[test]
fn what_strangers_wrote_is_left_out_alone() {
    let strange: [(&[u8], &[u8]); 19] = [
        (b"", b"1"),
        (b"c", b"1"),
        (b"c:t", b"c"),
        (b"c\xff::", b"1"),
        (b"c::a=\"\xff\"", b"1"),
        (b"c::b=\"1\"", b"\xff"),
        (b"c::b=\"2\"", b"nan"),
        (b"c::b=\"3\"", b"many"),
        (b"c::b=\"4\",", b"1"),
        (b"c::__name__=\"x\"", b"1"),
        (b"c::b=\"1\",b=\"2\"", b"1"),
        (b"c:z:", b"1"),
        (b"c:b:le=\"1\"", b"1"),
        (b"c:c:", b"1"),
        (b"h::", b"1"),
        (b"h:b:", b"1"),
        (b"h:b:le=\"x\"", b"1"),
        (b"h_count::", b"1"),
        (b"9c::", b"1"),
    ];
    let sound: [(&[u8], &[u8]); 5] =
        [(b"c:t:", b"c"), (b"c::", b"7"), (b"h:t:", b"h"), (b"h:c:", b"1"), (b"h:s:", b"2")];
    let wanted = "# TYPE c counter\nc 7\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_sum 2\nh_count 1\n";
    for extra in 0..=strange.len() {
        let page = Page::read(sound.iter().chain(&strange[..extra]).copied());
        assert_eq!((page.to_string().as_str(), page.skipped()), (wanted, extra));
    }
}

#[test]
fn what_two_writers_spell_differently_is_added_up() {
    let page = Page::read([
        ("c:t:", "c"),
        ("c::a=\"q\"u\",b=\"1\"", "1"),
        ("c::b=\"1\",a=\"q\\\"u\"", "2.5"),
        ("h:t:", "h"),
        ("h:b:le=\"1\"", "1"),
        ("h:b:le=\"1.0\"", "2"),
        ("h:b:le=\"+Inf\"", "3"),
        ("g:t:", "g"),
        ("g::a=\"\n\"", "1"),
        ("g::a=\"\\n\"", "2"),
    ]);
    let wanted = "# TYPE c counter\nc{a=\"q\\\"u\",b=\"1\"} 3.5\n# TYPE g gauge\ng{a=\"\\n\"} 1\n# TYPE h histogram\n\
                  h_bucket{le=\"1\"} 3\nh_bucket{le=\"+Inf\"} 3\nh_count 3\n";
    assert_eq!((page.to_string().as_str(), page.skipped()), (wanted, 1));
}

#[test]
fn a_type_that_is_missing_follows_from_the_parts() {
    let page = Page::read([("h:b:le=\"1\"", "1"), ("s:s:", "1"), ("u::", "1"), ("v:d:", "d"), ("w:t:", "c")]);
    let wanted = "# TYPE h histogram\nh_bucket{le=\"1\"} 1\n# TYPE s summary\ns_sum 1\n# TYPE u untyped\nu 1\n\
                  # TYPE w counter\n";
    assert_eq!((page.to_string().as_str(), page.skipped()), (wanted, 0));
}
