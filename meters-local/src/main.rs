//! Runs the receiver until it is interrupted.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use meters_local::Server;
use std::process::ExitCode;

/// The port if none is asked for.
const DEFAULT_PORT: u16 = 5601;

const USAGE: &str = "usage: meters-local [--port N]    (default 5601; 0 for any free port)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let port = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => DEFAULT_PORT,
        ["--help" | "-h"] => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        ["--port", port] if port.parse::<u16>().is_ok() => port.parse().unwrap_or(DEFAULT_PORT),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match Server::builder().port(port).start() {
        Ok(server) => run(&server),
        Err(error) => {
            eprintln!("meters-local: cannot listen on 127.0.0.1:{port}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(server: &Server) -> ExitCode {
    println!("meters-local receives CloudWatch metrics at {url} (what it holds: {url}/)", url = server.endpoint_url());
    println!();
    for (name, value) in server.environment() {
        println!("export {name}={value}");
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.and_then(|runtime| runtime.block_on(tokio::signal::ctrl_c())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("meters-local: cannot wait for an interrupt: {error}");
            ExitCode::FAILURE
        }
    }
}
