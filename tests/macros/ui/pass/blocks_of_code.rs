//! `timed!`, `monitor!` and `defaults!`.
#![deny(warnings)]
#![warn(clippy::pedantic, clippy::nursery)]

meters::defaults! { rename_all = "PascalCase" }

fn question(text: &str) -> Result<u32, std::num::ParseIntError> {
    let number = meters::timed!("Parse", kind = "number", unit = Milliseconds, { text.parse::<u32>()? });
    Ok(number)
}

fn returned(early: bool) -> u32 {
    meters::timed!("Return", {
        if early {
            return 1;
        }
    });
    2
}

fn broken_off() -> u32 {
    let mut count = 0;
    'outer: loop {
        loop {
            meters::timed!("Break", Count = count, {
                count += 1;
                if count > 3 {
                    break 'outer;
                }
                continue 'outer;
            });
        }
    }
    count
}

async fn awaited(text: &str) -> usize {
    let read = meters::timed!("Await", limit = 3, { std::future::ready(text).await.len() });
    meters::timed! { "Statement", { std::future::ready(()).await } }
    read
}

fn tail(cell: &std::cell::RefCell<String>) -> usize {
    meters::timed!("Tail", { cell.borrow().len() })
}

macro_rules! made {
    ($name:literal, $body:block) => {
        meters::timed!($name, $body)
    };
}

mod inside {
    pub mod further {
        #[meters::monitored(name = "Renamed", dimensions(type_of_request, Tier = "gold", "as it is" = 1, slot = _), rollup([type_of_request]), limit(type_of_request = 3))]
        pub fn serve(type_of_request: &str) -> usize {
            meters::set!(slot = "a");
            type_of_request.len()
        }

        #[meters::metered(name = "Marked", dimensions(a))]
        pub fn marked(a: u32) -> u32 {
            a
        }
    }
}

fn send<T: Send>(value: T) -> T {
    value
}

fn main() {
    assert!(question("1").is_ok() && question("x").is_err());
    assert_eq!((returned(true), returned(false), broken_off()), (1, 2, 4));
    drop(send(awaited("a")));
    assert_eq!(tail(&std::cell::RefCell::new("a".into())), 1);
    assert_eq!(made!("Made", { 3 }), 3);

    let monitor = meters::monitor!("Fetch", Route = "cart", unit = Seconds);
    let (copied, other) = (monitor, monitor);
    let _ = (copied, other);

    inside::further::serve("read");
    inside::further::marked(1);
    let all = meters::snapshot();
    assert_eq!(all.metric("Renamed").with("TypeOfRequest", "read").with("as it is", "1").with("Tier", "gold").calls().count(), 1);
    assert_eq!(all.metric("Marked").with("A", "1").count(), 1);
    assert_eq!(all.metric("Parse").with("Kind", "number").count(), 2);
}
