//! `assure`: what is proved, observed, attested or not assessed, and the level that follows.

mod document;
mod text;

use std::cell::RefCell;
use std::collections::BTreeMap;

use ::evidence::Situation;
use assurance::{Assurance, Input, assess};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use plant::{Given, Plant, SourceFile};

use crate::arguments::Assure;
use crate::believed::{self, Believed};
use crate::exit::{Exit, Failure};
use crate::files;
use crate::journal::hashes;
use crate::output::Output;

/// Runs the command.
pub fn run(arguments: &Assure, output: &Output) -> Result<Exit, Failure> {
    let language = output.language();
    let sources = files::sources(&arguments.plant, language)?;
    let plant = files::whole(&sources, language)?;
    let keys = believed::keys(&arguments.key, language)?;
    let believed = arguments.log.as_deref().map(|log| Believed::whole(log, &keys, language)).transpose()?;
    let today = today(&plant, Timestamp::now());
    let assurance = assured(&plant, &sources, believed.as_ref(), today);
    let document = document::document(&plant, today, &assurance, believed.as_ref(), language);
    output.result(&document, || text::text(&plant, &assurance, believed.as_ref(), today, language));
    Ok(if assurance.reached() { Exit::Fine } else { Exit::Findings })
}

/// The day in the plant's time.
pub fn today(plant: &Plant, now: Timestamp) -> Date {
    zone(plant).to_datetime(now).date()
}

fn zone(plant: &Plant) -> TimeZone {
    plant.timezone.as_deref().and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC)
}

/// Assesses a plant by what a log holds of it.
pub fn assured(plant: &Plant, sources: &[SourceFile], believed: Option<&Believed>, today: Date) -> Assurance {
    // A log has many records of the same situation; compiling is dear.
    type Asked = (Timestamp, Vec<String>);
    let known: RefCell<BTreeMap<Asked, Option<String>>> = RefCell::default();
    let policy = |situation: &Situation| {
        let key = (situation.at, situation.given.clone());
        if let Some(hash) = known.borrow().get(&key) {
            return hash.clone();
        }
        let given: Option<Vec<Given>> = situation.given.iter().map(|text| Given::parse(text)).collect();
        let policy = given.and_then(|given| policy::compile(plant, situation.at, &given).ok());
        let hash = policy.map(|policy| policy.hash());
        known.borrow_mut().insert(key, hash.clone());
        hash
    };
    assess(&Input {
        plant,
        plant_hash: &hashes(sources).plant,
        evidence: believed.map_or(&[], |believed| &believed.evidence),
        policy: &policy,
        today,
        timezone: &zone(plant),
    })
}
