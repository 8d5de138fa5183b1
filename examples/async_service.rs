//! An async service: requests on tasks of tokio, their outcomes told apart, and a shutdown that waits for the last window.
#![allow(clippy::print_stdout)]

use std::time::Duration;

use meters::{DimensionValue, monitored};

#[derive(Clone, Copy, meters::Dimension)]
#[dimension(rename_all = "kebab-case")]
enum Route {
    Checkout,
    ProductPage,
}

#[derive(Debug)]
struct Unavailable;

struct Service {
    backend: Duration,
}

impl Service {
    /// Ok, error, panic and a dropped future are four outcomes; the caller sees what it would see without the attribute.
    #[monitored(name = "Request", dimensions(Route = route), unit = Milliseconds)]
    async fn handle(&self, route: Route, user: u32) -> Result<String, Unavailable> {
        tokio::time::sleep(self.backend * (user % 3 + 1)).await;
        match user {
            13 => panic!("user 13 was never going to work"),
            n if n.is_multiple_of(10) => Err(Unavailable),
            _ => Ok(route.with_str(|route| format!("{user} at {route}"))),
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), meters::Error> {
    std::panic::set_hook(Box::new(|_| {})); // the one panic below is meant
    let local = meters_local::start();
    let meters = meters::namespace("Service")
        .interval("500ms")
        .region("us-east-1")
        .endpoint_url(local.endpoint_url())
        .credentials("local", "local")
        .start()?;

    let service = std::sync::Arc::new(Service { backend: Duration::from_millis(2) });
    let requests: Vec<_> = (1..=40)
        .map(|user| {
            let service = service.clone();
            tokio::spawn(async move {
                let route = if user % 2 == 0 { Route::Checkout } else { Route::ProductPage };
                let handled = service.handle(route, user);
                // Clients that hang up: every fourteenth waits one millisecond only.
                let patience = Duration::from_millis(if user % 14 == 0 { 1 } else { 1000 });
                tokio::time::timeout(patience, handled).await
            })
        })
        .collect();
    let (mut answered, mut failed, mut hung_up, mut crashed) = (0, 0, 0, 0);
    for request in requests {
        match request.await {
            Ok(Ok(Ok(_))) => answered += 1,
            Ok(Ok(Err(Unavailable))) => failed += 1,
            Ok(Err(_)) => hung_up += 1,
            Err(_) => crashed += 1,
        }
    }
    println!("40 clients: {answered} answered, {failed} told of an error, {crashed} met a panic, {hung_up} hung up");
    print!("\nrecorded:\n{}", meters::snapshot());

    println!("\n{}", meters.shutdown_async(Duration::from_secs(5)).await);
    let request = local.metric("Request");
    let sum = |metric| local.metric(metric).sum().unwrap_or_default();
    let (errors, cancelled) = (sum("Request.Errors"), sum("Request.Cancelled"));
    println!("in CloudWatch: {} calls, {errors} errors and panics, {cancelled} cancelled", request.sample_count());
    let percentile = |p| request.percentile(p).unwrap_or_default();
    println!("p50 {:.1} ms, p99 {:.1} ms", percentile(50.0), percentile(99.0));
    Ok(())
}
