//! CloudWatch, as bad as it gets: it adds what it is sent, knows no idempotence, and does not always say so.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use meters_core::storage::Marker;

use super::held::Totals;
use super::request::{Request, looks};
use super::{now, times};

/// How often it is bad, by probability.
#[derive(Clone, Copy, Debug)]
pub struct Trouble {
    /// Says 500 and adds nothing.
    pub refuse: f64,
    /// Adds and never answers.
    pub hang: f64,
    /// Adds and closes the connection.
    pub close: f64,
    /// Takes it in only when nobody waits any more.
    pub late: f64,
}

impl Trouble {
    /// All is well.
    pub const NONE: Self = Self { refuse: 0.0, hang: 0.0, close: 0.0, late: 0.0 };
    /// As in the campaign.
    pub const USUAL: Self = Self { refuse: 0.03, hang: 0.02, close: 0.02, late: 0.02 };
}

/// Listens on loopback, in this process.
#[derive(Debug)]
pub struct Receiver {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    trouble: Mutex<Trouble>,
    dice: Mutex<fastrand::Rng>,
    accepted: Mutex<Accepted>,
}

/// What it took in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Accepted {
    pub(crate) requests: u64,
    pub(crate) refused: u64,
    pub(crate) expired: u64,
    pub(crate) unanswered: u64,
    /// Each datum of each claim once.
    pub(crate) once: Totals,
    pub(crate) claims: HashMap<String, Known>,
    /// Requests of which something had been accepted before.
    pub(crate) again: Vec<Again>,
    /// How many marks there are in each second, and their sum.
    marks: HashMap<u64, (u64, u64)>,
    pub(crate) looks: u64,
    /// What must never happen.
    pub(crate) broken: Vec<String>,
}

/// What is known of a claim.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    of: u32,
    fingerprint: u64,
    /// Who was the first to bring each datum, and with which line.
    pub(crate) datums: BTreeMap<u32, (usize, String)>,
    pub(crate) acceptances: Vec<Acceptance>,
}

/// One request that was added.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Acceptance {
    pub(crate) reporter: u32,
    pub(crate) at: u64,
    pub(crate) signed: u64,
    /// The first of its datums.
    pub(crate) start: u32,
    /// The reporter has heard of it.
    pub(crate) heard: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Again {
    pub(crate) claim: String,
    /// Place among the claim's acceptances of the one that was first.
    pub(crate) first: usize,
    pub(crate) reporter: u32,
    pub(crate) at: u64,
    pub(crate) signed: u64,
}

enum Answer {
    Status(&'static [u8; 3]),
    /// 200, of this claim's acceptance.
    Added(String, usize),
    Hang,
    Close,
}

impl Receiver {
    /// One that is as bad as this from now on.
    pub fn start(seed: u64, trouble: Trouble) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let dice = Mutex::new(fastrand::Rng::with_seed(seed));
        let shared = Arc::new(Shared { trouble: Mutex::new(trouble), dice, accepted: Mutex::default() });
        let serving = shared.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = serving.clone();
                thread::spawn(move || shared.serve(stream));
            }
        });
        Self { port, shared }
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How bad it is from now on.
    pub fn set(&self, trouble: Trouble) {
        *self.shared.trouble.lock().unwrap() = trouble;
    }

    /// How many it has taken in.
    pub(crate) fn requests(&self) -> u64 {
        self.shared.accepted.lock().unwrap().requests
    }

    pub(crate) fn accepted(&self) -> Accepted {
        self.shared.accepted.lock().unwrap().clone()
    }
}

impl Shared {
    fn serve(&self, mut stream: TcpStream) {
        let mut length = [0; 4];
        if stream.read_exact(&mut length).is_err() {
            return;
        }
        let mut body = vec![0; u32::from_be_bytes(length) as usize];
        if stream.read_exact(&mut body).is_err() {
            return;
        }
        let text = String::from_utf8(body).expect("a request");
        if let Some(first) = looks(&text) {
            return self.tell(first, &mut stream);
        }
        let request = Request::parse(&text).expect("a request");
        if self.draw() < self.trouble.lock().unwrap().late {
            thread::sleep(times::REQUEST + times::SIGNATURE.mul_f64(self.draw()));
        }
        match self.judge(&request) {
            Answer::Status(status) => _ = stream.write_all(status),
            Answer::Close => {}
            Answer::Hang => _ = stream.read(&mut [0]),
            Answer::Added(claim, place) => {
                _ = stream.set_read_timeout(Some(Duration::from_secs(60)));
                // One byte back says that the answer was heard.
                if stream.write_all(b"200").is_ok() && stream.read(&mut [0]).is_ok_and(|read| read == 1) {
                    let mut accepted = self.accepted.lock().unwrap();
                    accepted.claims.get_mut(&claim).unwrap().acceptances[place].heard = true;
                }
            }
        }
    }

    fn draw(&self) -> f64 {
        self.dice.lock().unwrap().f64()
    }

    /// The marks from this second on, or nothing.
    fn tell(&self, first: u64, stream: &mut TcpStream) {
        let (drawn, trouble) = (self.draw(), *self.trouble.lock().unwrap());
        if drawn < trouble.refuse + trouble.close {
            return;
        }
        let mut text = "200".to_owned();
        {
            let mut accepted = self.accepted.lock().unwrap();
            accepted.looks += 1;
            for second in first..first + u64::from(Marker::SECONDS) {
                let (count, sum) = accepted.marks.get(&second).copied().unwrap_or_default();
                write!(text, " {count} {sum}").unwrap();
            }
        }
        _ = stream.write_all(text.as_bytes());
    }

    fn judge(&self, request: &Request) -> Answer {
        let (drawn, trouble) = (self.draw(), *self.trouble.lock().unwrap());
        let mut accepted = self.accepted.lock().unwrap();
        if now().saturating_sub(request.signed) > times::SIGNATURE.as_micros() as u64 {
            accepted.expired += 1;
            return Answer::Status(b"403");
        }
        if drawn < trouble.refuse {
            accepted.refused += 1;
            return Answer::Status(b"500");
        }
        let place = accepted.add(request);
        let drawn = drawn - trouble.refuse;
        if drawn < trouble.hang + trouble.close {
            accepted.unanswered += 1;
            return if drawn < trouble.hang { Answer::Hang } else { Answer::Close };
        }
        Answer::Added(request.claim.clone(), place)
    }
}

impl Accepted {
    fn add(&mut self, request: &Request) -> usize {
        let Request { reporter, claim, datums, of, fingerprint, lines, mark, signed } = request;
        self.requests += 1;
        if mark.0 > 0 {
            let all = self.marks.entry(mark.0).or_default();
            *all = (all.0 + 1, all.1 + mark.1);
        }
        let known = self.claims.entry(claim.clone()).or_insert_with(|| Known {
            of: *of,
            fingerprint: *fingerprint,
            datums: BTreeMap::new(),
            acceptances: Vec::new(),
        });
        if (known.of, known.fingerprint) != (*of, *fingerprint) {
            self.broken.push(format!("claim {claim} was encoded to {of} datums by {reporter}, and otherwise before"));
        }
        let (place, at) = (known.acceptances.len(), now());
        known.acceptances.push(Acceptance {
            reporter: *reporter,
            at,
            signed: *signed,
            start: datums.start,
            heard: false,
        });
        let mut before = None;
        for (datum, (series, held)) in datums.clone().zip(lines) {
            let line = format!("{series}\t{}", held.line());
            match known.datums.get(&datum) {
                Some((first, same)) => {
                    before = Some(*first);
                    if *same != line {
                        self.broken.push(format!("datum {datum} of claim {claim} was {same:?}, and then {line:?}"));
                    }
                }
                None => {
                    known.datums.insert(datum, (place, line));
                    self.once.entry(series.clone()).or_default().add(held, 1);
                }
            }
        }
        if let Some(first) = before {
            self.again.push(Again { claim: claim.clone(), first, reporter: *reporter, at, signed: *signed });
        }
        place
    }
}
