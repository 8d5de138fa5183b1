//! What an attribute costs to compile: `compile-cost [--functions 1000] [--rounds 5] [--only meters,fastrace]`.
//!
//! Per function above the same crate without attributes: rustc's processor time in `cargo check` and in a debug build, and
//! what the debug binary grows by. The dependencies are built before; the tools take turns.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use runner::{TOOLS, build, cargo, workspace};

struct Options {
    functions: usize,
    rounds: usize,
    tools: Vec<String>,
}

/// Seconds: on the clock, and of all processors.
#[derive(Clone, Copy)]
struct Took {
    clock: f64,
    processor: f64,
}

#[derive(Default)]
struct Measured {
    check: Vec<Took>,
    build: Vec<Took>,
    /// Bytes of the binary, with four functions and with all.
    small: u64,
    large: u64,
}

fn main() {
    let options = options();
    let mut all: Vec<(String, Measured)> = Vec::new();
    for tool in &options.tools {
        // Builds the dependencies too.
        write(tool, 4, 0);
        let small = fs::metadata(built(tool)).expect("it was built").len();
        cargo_check(tool);
        all.push((tool.clone(), Measured { small, ..Measured::default() }));
    }
    for round in 0..options.rounds {
        for (tool, measured) in &mut all {
            write(tool, options.functions, round + 1);
            measured.check.push(timed(|| cargo_check(tool)));
            let mut path = PathBuf::new();
            measured.build.push(timed(|| path = built(tool)));
            measured.large = fs::metadata(path).expect("it was built").len();
            let (check, build) = (measured.check[round], measured.build[round]);
            eprintln!("round {round} {tool:12} check {:6.2} s  build {:6.2} s", check.processor, build.processor);
        }
    }
    println!("{}", table(&options, &all));
}

fn options() -> Options {
    let mut options = Options { functions: 1000, rounds: 5, tools: TOOLS.map(String::from).into() };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().unwrap_or_else(|| panic!("{name} needs a value"));
        match name.as_str() {
            "--functions" => options.functions = value.parse().expect("a whole number"),
            "--rounds" => options.rounds = value.parse().expect("a whole number"),
            "--only" => options.tools = value.split(',').map(String::from).collect(),
            _ => panic!("unknown option {name}"),
        }
    }
    assert!(options.functions >= 100 && options.rounds > 0, "at least 100 functions and one round");
    options.tools.insert(0, "plain".to_owned());
    options
}

/// What stands above a function, and above one that returns a `Result`.
fn attributes(tool: &str) -> [&'static str; 2] {
    match tool {
        "plain" => ["", ""],
        "meters" => ["#[meters::monitored]", "#[meters::monitored]"],
        "tracing" => ["#[tracing::instrument(skip_all)]", "#[tracing::instrument(skip_all, err)]"],
        "fastrace" => ["#[fastrace::trace]", "#[fastrace::trace]"],
        "autometrics" => ["#[autometrics::autometrics]", "#[autometrics::autometrics]"],
        _ => panic!("unknown tool {tool}"),
    }
}

/// A crate of so many functions in turns: async, async with a `Result`, plain, plain with a `Result`; all are called.
fn write(tool: &str, functions: usize, round: usize) {
    let [plain, fallible] = attributes(tool);
    let mut text = format!("// {round}: what is older than the last build would not be built.\n");
    text.push_str("#[derive(Debug)]\npub struct Error(u64);\nimpl std::fmt::Display for Error {\n    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {\n        write!(f, \"error {}\", self.0)\n    }\n}\nimpl std::error::Error for Error {}\npub async fn fetched(a: u64) -> u64 {\n    stage::rest().await;\n    a\n}\n");
    let modules = functions.div_ceil(20);
    for module in 0..modules {
        let _ = writeln!(text, "mod m{module} {{\nuse super::{{Error, fetched}};");
        let mut calls = String::new();
        for number in module * 20..functions.min((module + 1) * 20) {
            let _ = match number % 4 {
                0 => writeln!(
                    text,
                    "{plain}\npub async fn f{number}(a: u64, b: &str) -> u64 {{\n    let c = fetched(a).await;\n    c + {number} + b.len() as u64\n}}"
                ),
                1 => writeln!(
                    text,
                    "{fallible}\npub async fn f{number}(a: u64, b: &str) -> Result<u64, Error> {{\n    let c = fetched(a).await;\n    if b.is_empty() {{\n        return Err(Error(c));\n    }}\n    Ok(c + {number} + b.len() as u64)\n}}"
                ),
                2 => writeln!(
                    text,
                    "{plain}\npub fn f{number}(a: u64, b: &str) -> u64 {{\n    let c = a.rotate_left(3);\n    c + {number} + b.len() as u64\n}}"
                ),
                _ => writeln!(
                    text,
                    "{fallible}\npub fn f{number}(a: u64, b: &str) -> Result<u64, Error> {{\n    let c = a.rotate_left(3);\n    if b.is_empty() {{\n        return Err(Error(c));\n    }}\n    Ok(c + {number} + b.len() as u64)\n}}"
                ),
            };
            let (dot, or) = (["(a, b).await", "(a, b).await", "(a, b)", "(a, b)"], ["", ".unwrap_or(0)"]);
            let _ = writeln!(calls, "    sum ^= f{number}{}{};", dot[number % 4], or[number % 2]);
        }
        let _ =
            writeln!(text, "pub async fn all(a: u64, b: &str) -> u64 {{\n    let mut sum = 0;\n{calls}    sum\n}}\n}}");
    }
    text.push_str("fn main() {\n    let b = std::env::args().next().unwrap_or_default();\n    let mut sum = 0;\n");
    for module in 0..modules {
        let _ = writeln!(text, "    sum ^= stage::run(m{module}::all({module}, &b));");
    }
    text.push_str("    println!(\"{sum}\");\n}\n");
    let folder = workspace().join(format!("with-{tool}/examples"));
    fs::create_dir_all(&folder).expect("the workspace can be written");
    fs::write(folder.join(format!("cost_{tool}.rs")), text).expect("the workspace can be written");
}

fn cargo_check(tool: &str) {
    let (package, example) = (format!("with-{tool}"), format!("cost_{tool}"));
    let checked = build(cargo(&["check", "-p", &package, "--example", &example]));
    assert!(checked.values().all(|target| target.error.is_none()), "{tool}: {checked:?}");
}

fn built(tool: &str) -> PathBuf {
    let (package, example) = (format!("with-{tool}"), format!("cost_{tool}"));
    let mut built = build(cargo(&["build", "-p", &package, "--example", &example]));
    let target = built.remove(&example).expect("cargo names its targets");
    target.executable.unwrap_or_else(|| panic!("{tool}: {}", target.rendered))
}

fn timed(run: impl FnOnce()) -> Took {
    let (start, before) = (Instant::now(), processor());
    run();
    Took { clock: start.elapsed().as_secs_f64(), processor: processor() - before }
}

/// Seconds of the processes that this one has waited for: `cutime` and `cstime`, in hundredths.
fn processor() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("this needs Linux");
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks = |nth: usize| -> f64 { after.split_whitespace().nth(nth).and_then(|t| t.parse().ok()).unwrap_or(0.0) };
    (ticks(13) + ticks(14)) / 100.0
}

fn table(options: &Options, all: &[(String, Measured)]) -> String {
    let Options { functions, rounds, .. } = options;
    let mut text = format!(
        "{functions} functions, {rounds} rounds; milliseconds of processor time a function above plain, least (median); \
         the clock's in brackets; bytes a function, and of the whole binary above plain.\n\n\
         | | check | build | debug binary, bytes a function | whole, above plain |\n|---|---|---|---|---|\n"
    );
    let (_, plain) = &all[0];
    for (tool, measured) in all {
        let is_plain = tool == "plain";
        let cell = |of: fn(&Measured) -> &Vec<Took>| {
            let each = |value: fn(&Took) -> f64| {
                let [base, this] = [plain, measured].map(|m| {
                    let mut seconds: Vec<f64> = of(m).iter().map(value).collect();
                    seconds.sort_by(f64::total_cmp);
                    [seconds[0], seconds[seconds.len() / 2]]
                });
                [0, 1].map(|i| if is_plain { this[i] } else { (this[i] - base[i]) * 1e3 / *functions as f64 })
            };
            let ([least, median], [clock, clock_median]) = (each(|took| took.processor), each(|took| took.clock));
            let unit = if is_plain { " s in all" } else { "" };
            format!("{least:.2} ({median:.2}) [{clock:.2} ({clock_median:.2})]{unit}")
        };
        let grown = |m: &Measured| (m.large - m.small) as f64;
        let bytes = (grown(measured) - grown(plain)) / *functions as f64;
        let whole = (measured.large as f64 - plain.large as f64) / 1e6;
        let size = if is_plain {
            format!("{:.1} MB in all |", plain.large as f64 / 1e6)
        } else {
            format!("{bytes:.0} | {whole:.1} MB")
        };
        let _ = writeln!(text, "| {tool} | {} | {} | {size} |", cell(|m| &m.check), cell(|m| &m.build));
    }
    text
}
