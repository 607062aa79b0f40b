//! `assess`: from the plant to risk, target levels, requirements, findings and measures.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use assurance::{Assurance, State};
use jiff::Timestamp;
use plant::SourceFile;
use plant::span::Place;
use risk::{Assessment, Input, Knowledge, Observations, Scenario, Severity, Shown, ShownAt};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use standard::Fr;
use words::Language;

use super::assure::{assured, today};
use crate::arguments::Assess;
use crate::believed::{self, Believed};
use crate::exit::{Exit, Failure};
use crate::files;
use crate::output::Output;

/// Runs the command.
pub fn run(arguments: &Assess, output: &Output) -> Result<Exit, Failure> {
    let language = output.language();
    let knowledge = knowledge(arguments.knowledge.as_deref(), language)?;
    let mut seen = seen(arguments.observed.as_deref(), language)?;
    let keys = believed::keys(&arguments.key, language)?;
    seen.log = arguments.log.as_deref().map(|log| Believed::whole(log, &keys, language)).transpose()?;
    let sources = files::sources(&arguments.plant, language)?;
    let (name, assessment) = assessed(&sources, &knowledge, &seen, language)?;
    output.result(&document(&assessment, language), || text(&name, &assessment, language));
    Ok(exit(&assessment))
}

fn exit(assessment: &Assessment) -> Exit {
    if assessment.decisions.iter().any(|decision| !decision.holds) {
        Exit::StaleDecision
    } else if assessment.findings.iter().any(|finding| finding.severity != Severity::Note) {
        Exit::Findings
    } else {
        Exit::Fine
    }
}

/// What was seen, as a file says it, with the hash of the file.
pub struct Seen {
    file: SeenFile,
    hash: Option<String>,
    log: Option<Believed>,
}

/// The file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeenFile {
    #[serde(default)]
    services: Vec<SeenService>,
    #[serde(default)]
    separated: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeenService {
    asset: String,
    service: String,
}

/// Knowledge from a file, or what this program ships.
pub fn knowledge(file: Option<&Path>, language: Language) -> Result<Knowledge, Failure> {
    let Some(file) = file else { return Ok(Knowledge::shipped().clone()) };
    let text = files::text(file, language)?;
    Knowledge::read(text.as_bytes()).map_err(|error| {
        let what = language.pick("this is no knowledge file", "das ist keine Wissensdatei");
        Failure::new(Exit::BadInput, format!("{}: {what}: {error}", file.display()))
    })
}

/// What was seen, from a file; nothing without one.
pub fn seen(file: Option<&Path>, language: Language) -> Result<Seen, Failure> {
    let Some(path) = file else { return Ok(Seen { file: SeenFile::default(), hash: None, log: None }) };
    let text = files::text(path, language)?;
    // A list would be taken for the fields in their order.
    let list = text.trim_start().starts_with('[');
    let file = serde_json::from_str(if list { "" } else { &text }).map_err(|error| {
        let what = language.pick("these are no observations", "das sind keine Beobachtungen");
        Failure::new(Exit::BadInput, format!("{}: {what}: {error}", path.display()))
    })?;
    Ok(Seen { file, hash: Some(hash(text.as_bytes())), log: None })
}

/// Reads and assesses a plant; its name comes along.
pub fn assessed(
    sources: &[SourceFile],
    knowledge: &Knowledge,
    seen: &Seen,
    language: Language,
) -> Result<(String, Assessment), Failure> {
    let plant = files::whole(sources, language)?;
    let mut observations = Observations::default();
    for SeenService { asset, service } in &seen.file.services {
        let known = plant.assets.contains_key(asset.as_str());
        match protocols::Service::parse(service) {
            Ok(service) if known => observations.services.push((asset.as_str().into(), service)),
            _ => {
                let why = language.pick(
                    format!("{asset}: `{service}` was seen, but there is no such device or service"),
                    format!("{asset}: `{service}` wurde gesehen, aber Gerät oder Dienst gibt es nicht"),
                );
                return Err(Failure::new(Exit::BadInput, why));
            }
        }
    }
    for zone in &seen.file.separated {
        if !plant.zones.contains_key(zone.as_str()) {
            let why = language
                .pick(format!("{zone}: there is no such zone"), format!("{zone}: diese Zone gibt es nicht"));
            return Err(Failure::new(Exit::BadInput, why));
        }
        observations.separated.insert(zone.as_str().into());
    }
    let mut hashes = BTreeMap::new();
    // By what a file is, not by where it lies.
    let (decisions, texts): (Vec<&SourceFile>, Vec<&SourceFile>) =
        sources.iter().partition(|file| Path::new(&file.name).ends_with("decisions.toml"));
    for (what, files) in [("plant", texts), ("decisions", decisions)] {
        if !files.is_empty() {
            hashes.insert(what.to_owned(), hash_of(&files));
        }
    }
    if let Some(hash) = &seen.hash {
        hashes.insert("observations".to_owned(), hash.clone());
    }
    let today = today(&plant, Timestamp::now());
    if let Some(log) = &seen.log {
        let assurance = assured(&plant, sources, Some(log), today);
        let shown: Vec<Shown> = shown(&assurance).collect();
        let lines: Vec<String> = shown.iter().map(|shown| format!("{shown:?}")).collect();
        hashes.insert("evidence".to_owned(), hash(lines.join("\n").as_bytes()));
        observations.evidence = shown;
    }
    let input = Input { plant: &plant, hashes: &hashes, knowledge, observations: &observations, today };
    let assessment = risk::assess(input);
    let name = if plant.name.is_empty() { plant.id.clone() } else { plant.name.clone() };
    Ok((name, assessment))
}

/// What the site's evidence shows to be met, wholly.
fn shown(assurance: &Assurance) -> impl Iterator<Item = Shown> {
    let zones = assurance.zones.iter().map(|levels| (ShownAt::Zone(levels.id.as_str().into()), levels));
    let conduits =
        assurance.conduits.iter().map(|levels| (ShownAt::Conduit(levels.id.as_str().into()), levels));
    zones.chain(conduits).flat_map(|(place, levels)| {
        levels.rows.iter().filter(|row| row.site.met).filter_map(move |row| {
            let shown = row.site.shown.as_ref()?;
            let proved = match row.site.state {
                State::Proved => true,
                State::Observed => false,
                _ => return None,
            };
            let (place, requirement) = (place.clone(), row.requirement.id.clone());
            Some(Shown { place, requirement, proved, record: format!("#{} {}", shown.record, shown.date) })
        })
    })
}

fn hash_of(files: &[&SourceFile]) -> String {
    match files {
        [one] => hash(&one.text),
        all => {
            let parts: Vec<String> = all.iter().map(|file| hash(&file.text)).collect();
            hash(parts.join("\n").as_bytes())
        }
    }
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

// ---------------------------------------------------------------- for scripts

#[derive(Serialize)]
struct Document<'a> {
    inputs: BTreeMap<&'a str, &'a str>,
    product: bool,
    zones: BTreeMap<&'a str, ZoneDocument<'a>>,
    conduits: BTreeMap<&'a str, ConduitDocument<'a>>,
    assets: BTreeMap<&'a str, [Option<u8>; 7]>,
    scenarios: Vec<ScenarioDocument<'a>>,
    findings: Vec<FindingDocument<'a>>,
    requirements: Vec<RequirementDocument<'a>>,
    measures: Vec<MeasureDocument<'a>>,
    decisions: Vec<DecisionDocument<'a>>,
    notices: Vec<&'a str>,
}

#[derive(Serialize)]
struct ZoneDocument<'a> {
    sl_t: Option<[u8; 7]>,
    sl_c: CapabilityDocument,
    reasons: Vec<ReasonDocument<'a>>,
    why_none: Option<&'a str>,
}

#[derive(Serialize)]
struct CapabilityDocument {
    promised: Option<[u8; 7]>,
    as_built: [Option<u8>; 7],
    /// Groups of requirements that something else holds for, with the last day.
    compensated: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct ConduitDocument<'a> {
    sl_t: Option<[u8; 7]>,
    reasons: Vec<ReasonDocument<'a>>,
}

#[derive(Serialize)]
struct ReasonDocument<'a> {
    fr: &'static str,
    level: u8,
    scenario: Option<&'a str>,
    reason: &'a str,
    cross_check: u8,
    differs: bool,
}

#[derive(Serialize)]
struct ScenarioDocument<'a> {
    id: &'a str,
    entry: &'a str,
    path: &'a [String],
    effect: &'static str,
    likelihood: u8,
    consequence: u8,
    risk: f64,
    residual: f64,
    risk_word: &'static str,
    residual_word: &'static str,
    target: &'a str,
    why: &'a str,
    flows: Vec<&'a str>,
    techniques: &'a [String],
    accepted: Option<&'a str>,
    cut: bool,
    cut_proved: bool,
    factors: Vec<FactorDocument<'a>>,
    boundaries: Vec<BoundaryDocument<'a>>,
}

#[derive(Serialize)]
struct FactorDocument<'a> {
    id: &'a str,
    text: &'a str,
    value: f64,
    times: u32,
    source: &'a str,
}

#[derive(Serialize)]
struct BoundaryDocument<'a> {
    from: &'a str,
    to: &'a str,
    passes: f64,
    separated: bool,
    flows: BTreeMap<&'a str, Vec<FactorDocument<'a>>>,
    bypassed_by: Vec<&'a str>,
}

#[derive(Serialize)]
struct FindingDocument<'a> {
    code: &'static str,
    subject: &'a str,
    subjects: &'a [String],
    severity: &'static str,
    message: &'a str,
    help: &'a str,
    requirements: &'a [String],
    file: Option<String>,
    line: Option<usize>,
}

#[derive(Serialize)]
struct RequirementDocument<'a> {
    id: &'a str,
    subject: String,
    subjects: &'a [String],
    of: &'static str,
    state: &'static str,
    reason: Option<&'a str>,
    until: Option<&'a str>,
    role: &'static str,
}

#[derive(Serialize)]
struct MeasureDocument<'a> {
    id: &'a str,
    text: &'a str,
    role: &'static str,
    effort: &'a str,
    closes: usize,
    requirements: Vec<&'a str>,
    subjects: Vec<&'a str>,
    buys: f64,
}

#[derive(Serialize)]
struct DecisionDocument<'a> {
    id: &'a str,
    kind: &'static str,
    state: &'static str,
    because: &'a str,
}

fn likelihood(scenario: &Scenario) -> u8 {
    scenario.class.first().copied().unwrap_or_default()
}

fn parts(millionths: u64) -> f64 {
    millionths as f64 / 1_000_000.0
}

fn document(assessment: &Assessment, language: Language) -> Document<'_> {
    let mut inputs: BTreeMap<&str, &str> =
        assessment.inputs.hashes.iter().map(|(what, hash)| (what.as_str(), hash.as_str())).collect();
    inputs.insert("day", &assessment.inputs.day);
    let zones = assessment.zones.iter().map(|(id, target)| {
        let capability = assessment.capabilities.get(id).cloned().unwrap_or_default();
        let zone = ZoneDocument {
            sl_t: assessment.target(id),
            sl_c: CapabilityDocument {
                promised: capability.promised,
                as_built: capability.as_built,
                compensated: capability.compensated,
            },
            reasons: reasons(target, language),
            why_none: target.none.as_ref().map(|why| why.text(language)),
        };
        (id.as_str(), zone)
    });
    let conduits = assessment.conduits.iter().map(|(id, target)| {
        let conduit = ConduitDocument { sl_t: target.levels(), reasons: reasons(target, language) };
        (id.as_str(), conduit)
    });
    Document {
        inputs,
        product: assessment.product,
        zones: zones.collect(),
        conduits: conduits.collect(),
        assets: assessment.devices.iter().map(|(id, levels)| (id.as_str(), *levels)).collect(),
        scenarios: assessment
            .scenarios
            .iter()
            .map(|found| ScenarioDocument {
                id: &found.id,
                entry: found.entry.text(language),
                path: &found.path,
                effect: found.effect.word(),
                likelihood: likelihood(found),
                consequence: found.consequence,
                risk: parts(found.score()),
                residual: parts(found.residual()),
                risk_word: word(found, 0, Language::English),
                residual_word: word(found, 1, Language::English),
                target: found.target.as_str(),
                why: found.why.text(language),
                flows: found.flows.iter().map(|flow| flow.as_str()).collect(),
                techniques: &found.techniques,
                accepted: found.accepted.as_deref(),
                cut: found.cut,
                cut_proved: found.cut && found.cut_shown,
                factors: factors(&found.factors, language),
                boundaries: found
                    .boundaries
                    .iter()
                    .map(|boundary| BoundaryDocument {
                        from: boundary.from.as_str(),
                        to: boundary.to.as_str(),
                        passes: parts(boundary.chance),
                        separated: boundary.apart,
                        flows: boundary
                            .flows
                            .iter()
                            .map(|(flow, held)| (flow.as_str(), factors(held, language)))
                            .collect(),
                        bypassed_by: boundary.bridges.iter().map(|asset| asset.as_str()).collect(),
                    })
                    .collect(),
            })
            .collect(),
        findings: assessment
            .findings
            .iter()
            .map(|finding| FindingDocument {
                code: finding.code,
                subject: finding.subject(),
                subjects: &finding.subjects,
                severity: finding.severity.word(),
                message: finding.text.text(language),
                help: finding.help.text(language),
                requirements: &finding.requirements,
                file: finding.place.as_ref().map(|place| place.file.to_string()),
                line: finding.place.as_ref().map(|place| place.line),
            })
            .collect(),
        requirements: assessment
            .requirements
            .iter()
            .map(|row| RequirementDocument {
                id: row.id,
                subject: row.subjects.join(", "),
                subjects: &row.subjects,
                of: row.of,
                state: row.state.word(),
                reason: row.why.as_ref().map(|why| why.text(language)),
                until: row.until.as_deref(),
                role: row.role.word(),
            })
            .collect(),
        measures: assessment
            .measures
            .iter()
            .map(|measure| MeasureDocument {
                id: &measure.id,
                text: measure.text.text(language),
                role: measure.role.word(),
                effort: &measure.effort,
                closes: measure.closes,
                requirements: measure.requirements.iter().map(String::as_str).collect(),
                subjects: measure.subjects.iter().map(String::as_str).collect(),
                buys: parts(measure.buys),
            })
            .collect(),
        decisions: assessment
            .decisions
            .iter()
            .map(|decision| DecisionDocument {
                id: &decision.id,
                kind: decision.kind,
                state: if decision.holds { "holds" } else { "stale" },
                because: decision.because.text(language),
            })
            .collect(),
        notices: vec![standard::attack_notice()],
    }
}

fn factors(factors: &[risk::Factor], language: Language) -> Vec<FactorDocument<'_>> {
    factors
        .iter()
        .map(|factor| FactorDocument {
            id: &factor.id,
            text: factor.text.text(language),
            value: f64::from(factor.permille) / 1000.0,
            times: factor.times,
            source: &factor.source,
        })
        .collect()
}

fn reasons(target: &risk::Target, language: Language) -> Vec<ReasonDocument<'_>> {
    let each = target.reasons.iter().map(|reason| ReasonDocument {
        fr: reason.fr.abbr(),
        level: reason.level,
        scenario: reason.scenario.as_deref(),
        reason: reason.why.text(language),
        cross_check: reason.cross_check,
        differs: reason.cross_check != reason.level,
    });
    each.collect()
}

// ---------------------------------------------------------------- for people

fn text(name: &str, assessment: &Assessment, language: Language) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{name}: {}\n",
        language.pick(
            "assessment in the order of IEC 62443-3-2; a draft, not approved by the asset owner",
            "Bewertung in der Ordnung von IEC 62443-3-2; ein Entwurf, vom Betreiber nicht freigegeben"
        )
    );
    levels(&mut text, assessment, language);
    scenarios(&mut text, assessment, language);
    findings(&mut text, assessment, language);
    requirements(&mut text, assessment, language);
    measures(&mut text, assessment, language);
    decisions(&mut text, assessment, language);
    let short = |what: &str| {
        let of = assessment.inputs.hashes.get(what).map_or("", String::as_str);
        of.chars().take(23).collect::<String>()
    };
    let _ = writeln!(
        text,
        "{}",
        language.pick(
            format!(
                "from knowledge {} and catalogue {}; the tables are own judgement, see --format json",
                short("knowledge"),
                short("catalogue")
            ),
            format!(
                "mit Wissen {} und Katalog {}; die Tabellen sind eigene Einschätzung, siehe --format json",
                short("knowledge"),
                short("catalogue")
            ),
        )
    );
    let _ = writeln!(text, "{}", standard::attack_notice());
    text
}

fn levels(text: &mut String, assessment: &Assessment, language: Language) {
    let heading = if assessment.product {
        language.pick(
            "Levels the builder promises (SL-C), zone by zone; targets (SL-T) are for the owner to give",
            "Level, die der Hersteller zusagt (SL-C), Zone für Zone; Ziele (SL-T) gibt der Betreiber vor",
        )
    } else {
        language.pick(
            "Target levels (SL-T), from the risk without any measure",
            "Ziel-Level (SL-T), aus dem Risiko ohne jede Maßnahme",
        )
    };
    let _ = writeln!(text, "{heading}");
    let groups: Vec<String> = Fr::ALL.iter().map(|fr| format!("{:>3}", fr.abbr())).collect();
    let _ = writeln!(text, "  {:<20} {}", "", groups.join(" "));
    let row = |text: &mut String, id: &str, levels: Option<[u8; 7]>, target: &risk::Target| match levels {
        Some(levels) => {
            let each: Vec<String> = levels.iter().map(|level| format!("{level:>3}")).collect();
            let _ = writeln!(text, "  {id:<20} {}", each.join(" "));
        }
        None => {
            let why = target.none.as_ref().map_or("", |why| why.text(language));
            let _ = writeln!(text, "  {id:<20}   – {why}");
        }
    };
    for (id, target) in &assessment.zones {
        let promised = assessment.capabilities.get(id).and_then(|capability| capability.promised);
        row(text, id.as_str(), promised.or_else(|| target.levels()), target);
    }
    for (id, target) in &assessment.conduits {
        row(text, id.as_str(), target.levels(), target);
    }
    let _ = writeln!(text, "\n{}", language.pick("Why the highest of them", "Warum die höchsten davon"));
    let all = assessment.zones.iter().map(|(id, target)| (id.as_str(), target));
    let all = all.chain(assessment.conduits.iter().map(|(id, target)| (id.as_str(), target)));
    let mut same: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for (id, target) in all {
        let highest = target.reasons.iter().map(|reason| reason.level).max().unwrap_or(0);
        for reason in target.reasons.iter().filter(|reason| reason.level == highest && highest > 0) {
            same.entry((id, reason.why.text(language))).or_default().push(format!(
                "{} {}",
                reason.fr.abbr(),
                reason.level
            ));
        }
    }
    // What is true of many places is said once.
    let mut alike: BTreeMap<(String, &str), Vec<&str>> = BTreeMap::new();
    for ((id, why), groups) in same {
        alike.entry((groups.join(", "), why)).or_default().push(id);
    }
    let mut alike: Vec<_> = alike.into_iter().collect();
    alike.sort_by(|a, b| a.1.cmp(&b.1));
    for ((groups, why), ids) in alike {
        let _ = writeln!(text, "  {}: {groups}: {why}", ids.join(", "));
    }
    text.push('\n');
}

fn scenarios(text: &mut String, assessment: &Assessment, language: Language) {
    let _ = writeln!(
        text,
        "{}",
        language.pick(
            "Scenarios: risk without measures → what is left",
            "Szenarien: Risiko ohne Maßnahmen → was bleibt"
        )
    );
    for found in &assessment.scenarios {
        let _ = writeln!(
            text,
            "  {:<9} → {:<9} {}",
            word(found, 0, language),
            word(found, 1, language),
            found.entry.text(language)
        );
        let cut = match (found.cut, found.cut_shown) {
            (true, true) => language.pick(
                "; no way leads there, separation attested",
                "; kein Weg führt dorthin, Trennung bestätigt",
            ),
            (true, false) => language.pick(
                "; no permitted way leads there, separation not attested",
                "; kein erlaubter Weg führt dorthin, Trennung nicht bestätigt",
            ),
            _ => "",
        };
        let _ = writeln!(
            text,
            "  {:<22}{}: {} [{}]{cut}",
            "",
            found.path.join(" → "),
            found.effect.title(language),
            found.id
        );
        if let Some(who) = &found.accepted {
            let _ = writeln!(text, "  {:<22}{}: {who}", "", language.pick("accepted", "akzeptiert"));
        }
    }
    text.push('\n');
}

fn word(scenario: &Scenario, at: usize, language: Language) -> &'static str {
    risk::word(scenario.risk.get(at).copied().unwrap_or_default(), language)
}

fn findings(text: &mut String, assessment: &Assessment, language: Language) {
    let _ = writeln!(text, "{}", language.pick("Findings", "Feststellungen"));
    for finding in &assessment.findings {
        let place = finding.place.as_ref().map(place).unwrap_or_default();
        let _ = writeln!(
            text,
            "  {}: {} ({}) [{}]{place}\n    {} {}",
            finding.severity.text(language),
            finding.text.text(language),
            finding.requirements.join(", "),
            finding.code,
            language.pick("remedy:", "Abhilfe:"),
            finding.help.text(language)
        );
    }
    text.push('\n');
}

fn place(place: &Place) -> String {
    format!(" {}:{}", place.file, place.line)
}

fn requirements(text: &mut String, assessment: &Assessment, language: Language) {
    let mut counts: BTreeMap<risk::State, usize> = BTreeMap::new();
    let mut roles: BTreeMap<risk::Role, usize> = BTreeMap::new();
    for row in &assessment.requirements {
        *counts.entry(row.state).or_default() += 1;
        if row.state.left() {
            *roles.entry(row.role).or_default() += 1;
        }
    }
    let each: Vec<String> =
        counts.iter().map(|(state, count)| format!("{count} {}", state.text(language))).collect();
    let _ = writeln!(
        text,
        "{}: {}",
        language.pick(
            "Requirements of zones, conduits and components",
            "Anforderungen an Zonen, Conduits und Komponenten"
        ),
        each.join(", ")
    );
    let each: Vec<String> =
        roles.iter().map(|(role, count)| format!("{} {count}", role.title(language))).collect();
    let _ = writeln!(text, "  {}: {}\n", language.pick("left to", "offen bei"), each.join(", "));
}

fn measures(text: &mut String, assessment: &Assessment, language: Language) {
    let _ = writeln!(
        text,
        "{}",
        language.pick(
            "Measures, in the order of what they buy here",
            "Maßnahmen, nach dem, was sie hier bringen"
        )
    );
    for (at, measure) in assessment.measures.iter().enumerate() {
        let effort = match measure.effort.as_str() {
            "minutes" => language.pick("minutes", "Minuten"),
            "hours" => language.pick("hours", "Stunden"),
            "days" => language.pick("days", "Tage"),
            "weeks" => language.pick("weeks", "Wochen"),
            other => other,
        };
        let _ = writeln!(
            text,
            "  {}. {} ({}, {effort}; {} {}, {} {:.2})",
            at + 1,
            measure.text.text(language),
            measure.role.title(language),
            measure.closes,
            language.pick("rows", "Zeilen"),
            language.pick("risk taken away:", "Risiko weniger:"),
            parts(measure.buys)
        );
    }
    text.push('\n');
}

fn decisions(text: &mut String, assessment: &Assessment, language: Language) {
    if assessment.decisions.is_empty() {
        return;
    }
    let _ = writeln!(text, "{}", language.pick("Decisions", "Entscheidungen"));
    for decision in &assessment.decisions {
        let because = decision.because.text(language);
        let state = if decision.holds {
            language.pick(format!("holds ({because})"), format!("gilt ({because})"))
        } else {
            language.pick(
                format!("no longer holds, because {because}"),
                format!("gilt nicht mehr, weil {because}"),
            )
        };
        let _ = writeln!(text, "  {} {}: {state}", decision.kind, decision.id);
    }
    text.push('\n');
}
