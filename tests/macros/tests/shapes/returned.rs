//! Functions by what they return.

use std::cell::{Ref, RefCell};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::task::Poll;

use meters::{Outcome, monitored};

use super::stage::{Shape, shape, spend};

type E = Box<dyn std::error::Error>;

trait Animal {
    fn legs(&self) -> u32;
}

struct Dog;

impl Animal for Dog {
    fn legs(&self) -> u32 {
        4
    }
}

#[derive(Outcome)]
enum Reply {
    Fine,
    #[outcome(error)]
    Broken,
}

struct ByHand(bool);

impl Outcome for ByHand {
    fn is_error(&self) -> bool {
        self.0
    }
}

pub(crate) const SHAPES: &[Shape] = &[
    shape("a borrow of an argument", "1 ok", || {
        #[monitored]
        fn lent(map: &mut HashMap<u32, String>) -> Result<&mut String, E> {
            spend();
            Ok(map.get_mut(&1).ok_or("none")?)
        }
        let mut map = HashMap::from([(1, String::new())]);
        lent(&mut map).unwrap().push('a');
        assert_eq!(map[&1], "a");
    }),
    shape("a guard of a `RefCell`", "1 ok", || {
        #[monitored]
        fn borrowed(cell: &RefCell<u32>) -> Result<Ref<'_, u32>, E> {
            spend();
            Ok(cell.borrow())
        }
        assert_eq!(*borrowed(&RefCell::new(1)).unwrap(), 1);
    }),
    shape("a temporary in the last expression", "1 ok", || {
        #[monitored]
        fn locked(number: &Mutex<u32>) -> u32 {
            spend();
            number.lock().unwrap().count_ones()
        }
        assert_eq!(locked(&Mutex::new(3)), 2);
    }),
    shape("`impl Iterator`", "1 ok", || {
        #[monitored]
        fn doubled(most: u32) -> impl Iterator<Item = u32> + Clone {
            spend();
            (0..most).map(|number| number * 2)
        }
        assert_eq!(doubled(3).sum::<u32>(), 6);
    }),
    shape("`Result<impl Iterator, E>`", "1 ok", || {
        #[monitored]
        fn values(map: &mut HashMap<u32, String>) -> Result<impl Iterator<Item = &mut String>, E> {
            spend();
            Ok(map.values_mut())
        }
        assert_eq!(values(&mut HashMap::new()).unwrap().count(), 0);
    }),
    shape("`impl Fn`", "1 ok", || {
        #[monitored]
        fn adder(more: u32) -> impl Fn(u32) -> u32 {
            spend();
            move |number| number + more
        }
        assert_eq!(adder(1)(2), 3);
    }),
    shape("coercion to a boxed trait object", "1 ok", || {
        #[monitored]
        fn animal(early: bool) -> Box<dyn Animal> {
            spend();
            if early {
                return Box::new(Dog);
            }
            Box::new(Dog)
        }
        assert_eq!(animal(true).legs(), 4);
    }),
    shape("the same in a `Result`", "1 ok", || {
        #[monitored]
        fn animal(early: bool) -> Result<Box<dyn Animal>, E> {
            spend();
            if early {
                return Ok(Box::new(Dog));
            }
            Ok(Box::new(Dog))
        }
        assert_eq!(animal(false).unwrap().legs(), 4);
    }),
    shape("a type that only the caller knows", "1 ok", || {
        #[monitored]
        fn any<T: Default>() -> T {
            spend();
            Default::default()
        }
        assert_eq!(any::<u32>(), 0);
    }),
    shape("an alias of `Result`", "1 error", || {
        #[monitored]
        fn alias() -> std::io::Result<()> {
            spend();
            Err(std::io::ErrorKind::NotFound.into())
        }
        assert!(alias().is_err());
    }),
    shape("`Option`: `None` is no error unless asked", "1 ok", || {
        #[monitored]
        fn option() -> Option<u32> {
            spend();
            None
        }
        assert_eq!(option(), None);
    }),
    shape("`Poll<Result>`", "1 ok, 1 error", || {
        #[monitored]
        fn poll(ready: bool) -> Poll<Result<u32, E>> {
            spend();
            if ready { Poll::Ready(Err("no".into())) } else { Poll::Pending }
        }
        assert!(poll(true).is_ready() && poll(false).is_pending());
    }),
    shape("`ControlFlow`", "1 ok, 1 error", || {
        #[monitored]
        fn flow(stop: bool) -> ControlFlow<u32> {
            spend();
            if stop { ControlFlow::Break(1) } else { ControlFlow::Continue(()) }
        }
        assert!(flow(true).is_break() && flow(false).is_continue());
    }),
    shape("`#[derive(Outcome)]`", "1 ok, 1 error", || {
        #[monitored]
        fn reply(broken: bool) -> Reply {
            spend();
            if broken { Reply::Broken } else { Reply::Fine }
        }
        assert!(matches!((reply(true), reply(false)), (Reply::Broken, Reply::Fine)));
    }),
    shape("`Outcome` by hand", "1 error", || {
        #[monitored]
        fn reply() -> ByHand {
            spend();
            ByHand(true)
        }
        assert!(reply().0);
    }),
    shape("a value that is neither", "1 ok", || {
        #[monitored]
        fn dog() -> Dog {
            spend();
            Dog
        }
        assert_eq!(dog().legs(), 4);
    }),
];
