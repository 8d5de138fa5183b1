//! The attribute of each tool, as its documentation advises.

/// The texts that several shapes share.
const SHARED: [(&str, &str); 3] = [
    (
        "TRAIT_ANIMAL",
        "trait Animal {\n    fn legs(&self) -> u32;\n}\nstruct Dog;\nimpl Animal for Dog {\n    fn legs(&self) -> u32 {\n        4\n    }\n}",
    ),
    ("STRUCT_SHOP", "struct Shop {\n    shard: u32,\n}"),
    (
        "TRAIT_STORE",
        "#[async_trait::async_trait]\ntrait Store {\n    async fn get(&self, key: u32) -> Result<u32, E>;\n}\nstruct Inner(u32);",
    ),
];

/// The shape with the tool's attribute in it.
pub(super) fn placed(text: &str, tool: &str) -> String {
    let [plain, fallible, renamed, unknown] = match tool {
        "meters" => [
            "::meters::monitored",
            "::meters::monitored",
            "::other_meters::monitored(crate = ::other_meters)",
            "::meters::monitored(nmae = \"N\")",
        ],
        // Without `skip_all` all arguments would have to be `Debug`; without `err` no error would be seen.
        "tracing" => [
            "::tracing::instrument(skip_all)",
            "::tracing::instrument(skip_all, err)",
            "::other_tracing::instrument(skip_all, err)",
            "::tracing::instrument(nmae = \"N\")",
        ],
        "fastrace" => [
            "::fastrace::trace",
            "::fastrace::trace",
            "::other_fastrace::trace(crate = ::other_fastrace)",
            "::fastrace::trace(nmae = \"N\")",
        ],
        "autometrics" => [
            "::autometrics::autometrics",
            "::autometrics::autometrics",
            "::other_autometrics::autometrics",
            "::autometrics::autometrics(nmae = \"N\")",
        ],
        _ => panic!("unknown tool {tool}"),
    };
    // On a block nothing about errors can be said.
    let mut text = text.to_owned();
    for (name, shared) in SHARED {
        text = text.replace(name, shared);
    }
    for (mark, attribute) in [
        ("#[ATTR_RENAMED]", renamed),
        ("#[ATTR_UNKNOWN]", unknown),
        ("#[ATTR_ERR]", fallible),
        ("#[ATTR_IMPL]", plain),
        ("#[ATTR]", plain),
    ] {
        text = text.replace(mark, &format!("#[{attribute}]"));
    }
    text
}
