//! Which features bring the AWS SDK.

use std::process::Command;

/// The packages that `meters` is built of with these features.
fn packages(features: &str) -> Vec<String> {
    let output = Command::new(std::env::var_os("CARGO").expect("cargo test says where cargo is"))
        .args(["tree", "--locked", "-p", "meters", "-e", "normal", "--prefix", "none"])
        .args(["--no-default-features", "--features", features])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

fn sdk(features: &str) -> Vec<String> {
    packages(features).into_iter().filter(|name| name.starts_with("aws-")).collect()
}

#[test]
fn only_cloudwatch_brings_the_sdk() {
    for features in ["", "macros", "redis", "prometheus", "macros,redis,prometheus"] {
        assert_eq!(sdk(features), [""; 0], "{features}");
    }
    assert!(sdk("cloudwatch").iter().any(|name| name == "aws-sdk-cloudwatch"));
}

/// A library that only annotates brings no more to its users.
#[test]
fn the_macros_bring_no_runtime() {
    let packages = packages("macros");
    assert!(packages.iter().any(|name| name == "meters-core"), "{packages:?}");
    assert!(!packages.iter().any(|name| ["tokio", "redis"].contains(&&**name)), "{packages:?}");
}
