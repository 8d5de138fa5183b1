//! When a request was signed. That the signature is right is not checked.

use crate::error::{self, AwsError};
use hyper::http::request::Parts;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Refuses a request that was signed too long before `now`, or after it.
pub(crate) fn check(head: &Parts, lifetime: Duration, now: SystemTime) -> Result<(), AwsError> {
    let text = head.headers.get("x-amz-date").and_then(|value| value.to_str().ok()).unwrap_or("");
    let Some(signed) = moment(text) else {
        let message = format!("Date must be in ISO-8601 'basic format'. Got '{text}'.");
        return Err(AwsError::new(&error::INCOMPLETE_SIGNATURE, message));
    };
    let minutes = lifetime.as_secs_f64() / 60.0;
    if now.duration_since(signed).is_ok_and(|age| age > lifetime) {
        let message = format!("Signature expired: {text} is more than {minutes} min. ago.");
        return Err(AwsError::new(&error::INVALID_SIGNATURE, message));
    }
    if signed.duration_since(now).is_ok_and(|ahead| ahead > lifetime) {
        let message = format!("Signature not yet current: {text} is more than {minutes} min. ahead.");
        return Err(AwsError::new(&error::INVALID_SIGNATURE, message));
    }
    Ok(())
}

/// `20260131T235959Z`.
fn moment(text: &str) -> Option<SystemTime> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    if !(date.len() == 8 && time.len() == 6 && (date.to_owned() + time).bytes().all(|byte| byte.is_ascii_digit())) {
        return None;
    }
    let number = |part: &str| part.parse::<u64>().ok();
    let (year, month, day) = (number(&date[..4])?, number(&date[4..6])?, number(&date[6..])?);
    let (hours, minutes, seconds) = (number(&time[..2])?, number(&time[2..4])?, number(&time[4..])?);
    if year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Days since 1970, in years that begin with March.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 719_469;
    Some(UNIX_EPOCH + Duration::from_secs(((days * 24 + hours) * 60 + minutes) * 60 + seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_calendar() {
        let seconds = |text| moment(text).map(|at| at.duration_since(UNIX_EPOCH).unwrap().as_secs());
        assert_eq!(seconds("19700101T000000Z"), Some(0));
        assert_eq!(seconds("20000229T235959Z"), Some(951_868_799));
        assert_eq!(seconds("20000301T000000Z"), Some(951_868_800));
        assert_eq!(seconds("20270115T080000Z"), Some(1_800_000_000));
        for strange in ["", "20270115T080000", "2027-01-15T08:00:00Z", "20271315T080000Z", "2027011éT080000Z"] {
            assert_eq!(seconds(strange), None, "{strange}");
        }
    }
}
