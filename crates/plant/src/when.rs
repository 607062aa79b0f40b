//! Windows and moments in the plant's local time.

use std::fmt;

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};

const DAYS: [(&str, Weekday); 7] = [
    ("Mon", Weekday::Monday),
    ("Tue", Weekday::Tuesday),
    ("Wed", Weekday::Wednesday),
    ("Thu", Weekday::Thursday),
    ("Fri", Weekday::Friday),
    ("Sat", Weekday::Saturday),
    ("Sun", Weekday::Sunday),
];

const DAY_SECONDS: i32 = 86_400;

/// When a flow is open: days and a half-open time of day. What runs past midnight belongs to the day it starts on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Monday first.
    days: [bool; 7],
    /// Seconds of the day.
    start: i32,
    /// Seconds of the day, not included; at or below the start it is on the next day.
    end: i32,
    text: String,
}

/// A change of the clock that cuts or doubles a part of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockChange {
    /// Day on which it happens.
    pub date: Date,
    /// Whether local time is skipped (spring) or repeated (autumn).
    pub skipped: bool,
    /// Whether nothing of the window is left on that day.
    pub whole: bool,
}

impl Window {
    /// Reads `daily 02:00-03:00`, `Sun 01:00-05:00`, `Mon-Fri 06:00-22:00`, `Mon,Wed 10:00-11:00`.
    pub fn parse(text: &str) -> Option<Self> {
        let (days_text, times) = text.trim().split_once(char::is_whitespace)?;
        let times = times.trim();
        let mut days = [false; 7];
        if days_text == "daily" {
            days = [true; 7];
        } else {
            for part in days_text.split(',') {
                let (first, last) = part.split_once('-').unwrap_or((part, part));
                let (first, last) = (day(first)?, day(last)?);
                // `Sat-Mon` goes over the end of the week.
                let mut at = first;
                loop {
                    *days.get_mut(at)? = true;
                    if at == last {
                        break;
                    }
                    at = (at + 1) % 7;
                }
            }
        }
        let (start, end) = times.split_once('-')?;
        let start = time_of_day(start.trim())?;
        let end = match end.trim() {
            "24:00" => DAY_SECONDS,
            end => time_of_day(end)?,
        };
        // Equal ends could mean never or always.
        (start != end).then(|| Self { days, start, end, text: format!("{days_text} {times}") })
    }

    /// The window as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn past_midnight(&self) -> bool {
        self.end < self.start
    }

    fn on(&self, date: Date) -> bool {
        let index = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
        self.days.get(index).copied().unwrap_or(false)
    }

    /// The end of the window the local time lies in.
    fn end_at(&self, local: DateTime) -> Option<DateTime> {
        let second = second_of(local.time());
        let date = local.date();
        if self.past_midnight() {
            if second >= self.start && self.on(date) {
                return at_second(date.tomorrow().ok()?, self.end);
            }
            let yesterday = date.yesterday().ok()?;
            return (second < self.end && self.on(yesterday)).then(|| at_second(date, self.end)).flatten();
        }
        (self.start <= second && second < self.end && self.on(date))
            .then(|| at_second(date, self.end))
            .flatten()
    }

    /// Until when the window is open at this instant; `None` where it is closed. Windows that follow each other without
    /// a gap count as one, looked at for at most eight days.
    pub fn open_until(&self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let horizon = at.checked_add(SignedDuration::from_hours(8 * 24)).ok()?;
        let mut now = at;
        self.end_at(zone.to_datetime(now))?;
        // Each step moves on by an end of a window or a change of the clock; both are few in eight days.
        for _ in 0..64 {
            if now >= horizon {
                return Some(horizon);
            }
            let local = zone.to_datetime(now);
            let Some(end) = self.end_at(local) else {
                return Some(now);
            };
            let left = end.duration_since(local);
            let straight = now.checked_add(left).ok()?;
            let change = zone.following(now).next().map(|transition| transition.timestamp());
            now = match change {
                Some(change) if change < straight => change,
                _ => straight,
            };
        }
        Some(now)
    }

    /// What changes of the clock do to the window in these years (both included).
    pub fn clock_changes(&self, first: i16, last: i16, zone: &TimeZone) -> Vec<ClockChange> {
        let mut changes = Vec::new();
        let Ok(from) = DateTime::new(first, 1, 1, 0, 0, 0, 0).and_then(|from| zone.to_timestamp(from)) else {
            return changes;
        };
        // No zone changes its clock more often than a few times a year.
        for transition in zone.following(from).take(512) {
            let instant = transition.timestamp();
            let Ok(before) = instant.checked_sub(SignedDuration::from_nanos(1)) else { break };
            let (old, new) = (zone.to_offset(before).seconds(), zone.to_offset(instant).seconds());
            let after = zone.to_datetime(instant);
            if after.date().year() > last {
                break;
            }
            let step = SignedDuration::from_secs(i64::from(new) - i64::from(old));
            if step.is_zero() {
                continue;
            }
            let Ok(other) = after.checked_sub(step) else { continue };
            let skipped = step.is_positive();
            // Local times that do not exist, or exist twice: [from, to).
            let (from, to) = if skipped { (other, after) } else { (after, other) };
            if let Some((date, whole)) = self.touches(from, to) {
                changes.push(ClockChange { date, skipped, whole: skipped && whole });
            }
        }
        changes
    }

    fn touches(&self, from: DateTime, to: DateTime) -> Option<(Date, bool)> {
        for date in [from.date().yesterday().ok()?, from.date(), to.date()] {
            if !self.on(date) {
                continue;
            }
            let start = at_second(date, self.start)?;
            let end_day = if self.past_midnight() { date.tomorrow().ok()? } else { date };
            let end = at_second(end_day, self.end)?;
            if from < end && start < to {
                return Some((from.date(), from <= start && end <= to));
            }
        }
        None
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A moment a case or a command line names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moment {
    /// `02:30`, on any day.
    Time(Time),
    /// `Sun 02:00`.
    Weekday(Weekday, Time),
    /// RFC 3339.
    Instant(Timestamp),
}

/// No such wall time in the fortnight after the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoSuchTime;

impl Moment {
    /// Reads `HH:MM`, `Sun 02:00` or RFC 3339 with offset.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(time) = clock(text) {
            return Some(Self::Time(time));
        }
        if let Some((weekday, time)) = text.split_once(char::is_whitespace)
            && let Some(time) = clock(time.trim())
        {
            let (_, weekday) = DAYS.get(day(weekday)?)?;
            return Some(Self::Weekday(*weekday, time));
        }
        text.parse().ok().map(Self::Instant)
    }

    /// The first instant at or after the reference with that wall time. A day that skips it is passed over.
    pub fn resolve(&self, reference: Timestamp, zone: &TimeZone) -> Result<Timestamp, NoSuchTime> {
        let (weekday, time) = match self {
            Self::Instant(instant) => return Ok(*instant),
            Self::Time(time) => (None, *time),
            Self::Weekday(weekday, time) => (Some(*weekday), *time),
        };
        let start = zone.to_datetime(reference).date();
        for ahead in 0..=15_i64 {
            let date = start.checked_add(ahead.days()).map_err(|_| NoSuchTime)?;
            if weekday.is_some_and(|weekday| weekday != date.weekday()) {
                continue;
            }
            let local = date.to_datetime(time);
            let offsets = match zone.to_ambiguous_timestamp(local).offset() {
                AmbiguousOffset::Unambiguous { offset } => [Some(offset), None],
                AmbiguousOffset::Gap { .. } => [None, None],
                AmbiguousOffset::Fold { before, after } => [Some(before), Some(after)],
            };
            for offset in offsets.into_iter().flatten() {
                let instant = offset.to_timestamp(local).map_err(|_| NoSuchTime)?;
                if instant >= reference {
                    return Ok(instant);
                }
            }
        }
        Err(NoSuchTime)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hm = |time: &Time| format!("{:02}:{:02}", time.hour(), time.minute());
        match self {
            Self::Time(time) => f.write_str(&hm(time)),
            Self::Weekday(weekday, time) => {
                let name = DAYS.iter().find(|(_, day)| day == weekday).map_or("", |(name, _)| *name);
                write!(f, "{name} {}", hm(time))
            }
            Self::Instant(instant) => write!(f, "{instant}"),
        }
    }
}

fn day(text: &str) -> Option<usize> {
    DAYS.iter().position(|(name, _)| name.eq_ignore_ascii_case(text))
}

fn clock(text: &str) -> Option<Time> {
    let seconds = time_of_day(text)?;
    let hour = i8::try_from(seconds / 3600).ok()?;
    let minute = i8::try_from(seconds / 60 % 60).ok()?;
    Time::new(hour, minute, 0, 0).ok()
}

/// `HH:MM` in seconds of the day.
fn time_of_day(text: &str) -> Option<i32> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |text: &str| {
        (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit()))
            .then(|| text.parse::<i32>().ok())
            .flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours < 24 && minutes < 60).then_some(hours * 3600 + minutes * 60)
}

fn second_of(time: Time) -> i32 {
    i32::from(time.hour()) * 3600 + i32::from(time.minute()) * 60 + i32::from(time.second())
}

fn at_second(date: Date, second: i32) -> Option<DateTime> {
    date.to_datetime(Time::midnight()).checked_add(SignedDuration::from_secs(i64::from(second))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").expect("the bundled time zones have Berlin")
    }

    fn instant(text: &str) -> Timestamp {
        text.parse().expect(text)
    }

    #[test]
    fn windows_open_and_close() {
        for (window, at, until) in [
            ("daily 02:00-03:00", "2027-07-01T02:30:00+02:00", Some("2027-07-01T03:00:00+02:00")),
            ("daily 02:00-03:00", "2027-01-15T02:30:00+01:00", Some("2027-01-15T03:00:00+01:00")),
            ("daily 02:00-03:00", "2027-07-01T03:30:00+02:00", None),
            ("daily 02:00-03:00", "2027-07-01T03:00:00+02:00", None),
            ("daily 02:00-03:00", "2027-07-01T02:00:00+02:00", Some("2027-07-01T03:00:00+02:00")),
            ("daily 02:00-03:00", "2027-07-01T01:59:59.999+02:00", None),
            ("Sun 01:00-05:00", "2027-07-04T02:00:00+02:00", Some("2027-07-04T05:00:00+02:00")),
            ("Sun 01:00-05:00", "2027-07-05T02:00:00+02:00", None),
            ("Mon-Fri 06:00-22:00", "2027-07-03T12:00:00+02:00", None),
            ("Sat-Mon 06:00-22:00", "2027-07-05T12:00:00+02:00", Some("2027-07-05T22:00:00+02:00")),
            // Past midnight belongs to the day it starts on.
            ("Sat 22:00-02:00", "2027-07-04T01:00:00+02:00", Some("2027-07-04T02:00:00+02:00")),
            ("Sat 22:00-02:00", "2027-07-03T01:00:00+02:00", None),
            ("Sat 22:00-02:00", "2027-07-03T23:00:00+02:00", Some("2027-07-04T02:00:00+02:00")),
            // Sunday 28 March 2027: 02:00 becomes 03:00.
            ("daily 02:00-03:00", "2027-03-28T03:00:00+02:00", None),
            ("daily 01:00-02:30", "2027-03-28T01:30:00+01:00", Some("2027-03-28T02:00:00+01:00")),
            ("daily 01:00-04:00", "2027-03-28T01:30:00+01:00", Some("2027-03-28T04:00:00+02:00")),
            // Sunday 31 October 2027: 03:00 becomes 02:00; the hour is open both times.
            ("daily 02:00-03:00", "2027-10-31T02:30:00+02:00", Some("2027-10-31T03:00:00+01:00")),
            ("daily 02:00-03:00", "2027-10-31T02:30:00+01:00", Some("2027-10-31T03:00:00+01:00")),
            ("daily 01:00-02:30", "2027-10-31T01:30:00+02:00", Some("2027-10-31T02:30:00+02:00")),
            ("daily 01:00-02:30", "2027-10-31T02:15:00+01:00", Some("2027-10-31T02:30:00+01:00")),
            ("daily 00:00-24:00", "2027-07-01T12:00:00+02:00", Some("2027-07-09T12:00:00+02:00")),
            ("Mon-Fri 00:00-24:00", "2027-07-01T12:00:00+02:00", Some("2027-07-03T00:00:00+02:00")),
        ] {
            let parsed = Window::parse(window).expect(window);
            assert_eq!(parsed.open_until(instant(at), &berlin()), until.map(instant), "{window} at {at}");
        }
    }

    #[test]
    fn nonsense_is_no_window() {
        for text in [
            "",
            "daily",
            "02:00-03:00",
            "daily 2:00-03:00",
            "daily 02:00",
            "daily 02:00-25:00",
            "Day 02:00-03:00",
            "daily 02:00-02:00",
            "daily 24:00-03:00",
            "Mon- 02:00-03:00",
            "daily 02:60-03:00",
            "daily +2:00-03:00",
        ] {
            assert_eq!(Window::parse(text), None, "{text}");
        }
    }

    #[test]
    fn changes_of_the_clock_are_found() {
        let changes = |text: &str| Window::parse(text).expect(text).clock_changes(2027, 2027, &berlin());
        let spring = Date::constant(2027, 3, 28);
        let autumn = Date::constant(2027, 10, 31);
        assert_eq!(
            changes("daily 02:00-03:00"),
            [
                ClockChange { date: spring, skipped: true, whole: true },
                ClockChange { date: autumn, skipped: false, whole: false },
            ]
        );
        assert_eq!(changes("Sat 22:00-02:30").len(), 2);
        assert_eq!(changes("Sun 01:00-05:00").first().map(|change| change.whole), Some(false));
        assert_eq!(changes("Mon 02:00-03:00"), []);
        assert_eq!(changes("daily 03:00-04:00"), []);
        assert_eq!(
            Window::parse("daily 02:00-03:00").expect("a window").clock_changes(2027, 2027, &TimeZone::UTC),
            []
        );
    }

    #[test]
    fn moments_resolve_to_the_next_such_wall_time() {
        for (moment, reference, expected) in [
            ("02:30", "2027-07-01T00:00:00+02:00", "2027-07-01T02:30:00+02:00"),
            ("02:30", "2027-07-01T02:30:00+02:00", "2027-07-01T02:30:00+02:00"),
            ("02:30", "2027-07-01T02:31:00+02:00", "2027-07-02T02:30:00+02:00"),
            ("02:30", "2027-03-28T00:00:00+01:00", "2027-03-29T02:30:00+02:00"),
            ("02:30", "2027-10-31T02:45:00+02:00", "2027-10-31T02:30:00+01:00"),
            ("Sun 02:00", "2027-07-01T00:00:00+02:00", "2027-07-04T02:00:00+02:00"),
            ("2027-07-01T02:30+02:00", "2030-01-01T00:00:00Z", "2027-07-01T02:30:00+02:00"),
        ] {
            let parsed = Moment::parse(moment).expect(moment);
            assert_eq!(parsed.resolve(instant(reference), &berlin()), Ok(instant(expected)), "{moment}");
        }
        for text in ["", "25:00", "2:30", "Someday 02:00", "2027-07-01"] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }
}
