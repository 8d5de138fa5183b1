//! The methods of HTTP: a closed set, whatever a client sends.

use http::Method;

/// By place: those of RFC 9110 and RFC 5789, and what stands for all others.
pub(super) const NAMES: [&str; 10] =
    ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "_other"];

/// The place of all others.
pub(super) const OTHER: u8 = 9;

pub(super) const HEAD: u8 = 1;
pub(super) const CONNECT: u8 = 5;

pub(super) fn place(method: &Method) -> u8 {
    let text = method.as_str();
    // Case counts in a method: `get` is another one.
    NAMES[..usize::from(OTHER)].iter().position(|name| *name == text).map_or(OTHER, |place| place as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_other() {
        for (place_of, name) in NAMES[..9].iter().enumerate() {
            assert_eq!(usize::from(place(&Method::from_bytes(name.as_bytes()).unwrap())), place_of);
        }
        for odd in ["get", "BREW", "_other", "GETX", "PROPFIND"] {
            assert_eq!(place(&Method::from_bytes(odd.as_bytes()).unwrap()), OTHER, "{odd}");
        }
        assert_eq!((NAMES[usize::from(HEAD)], NAMES[usize::from(CONNECT)]), ("HEAD", "CONNECT"));
    }
}
