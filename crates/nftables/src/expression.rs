//! One expression of a rule or an element, by the kernel's name for it.
//!
//! Each reader takes the attributes it understands; an attribute nobody took makes the whole expression
//! [`Expression::Unknown`], because a newer kernel may have put a condition there.

mod act;
mod load;
mod test;
#[cfg(test)]
mod tests;

use crate::Expression;
use crate::number::LIST_ELEM;
use crate::wire::{self, Attributes, Flaw};

/// Names that act on packets in ways this crate does not describe further. Their attributes are not read:
/// whoever meets one must give up anyway.
const STATEMENTS: [&str; 4] = ["dup", "fwd", "flow_offload", "synproxy"];

/// Reads one expression (`NFTA_EXPR_*`). A flaw comes besides the expression that stands for it, so that the
/// rule keeps its length.
pub(crate) fn read(bytes: &[u8]) -> (Expression, Option<Flaw>) {
    let (name, data) = match split(bytes) {
        Ok(parts) => parts,
        Err(flaw) => return (Expression::Unknown { name: String::new(), raw: bytes.to_vec() }, Some(flaw)),
    };
    match by_name(&name, data) {
        Ok(expression) => (expression, None),
        Err(flaw) => {
            let flaw = Flaw::Expression(name.clone(), Box::new(flaw));
            (Expression::Unknown { name, raw: data.to_vec() }, Some(flaw))
        }
    }
}

/// Reads a list of expressions.
pub(crate) fn read_list(bytes: &[u8], flaws: &mut Vec<Flaw>) -> Vec<Expression> {
    let mut expressions = Vec::new();
    for entry in wire::list(bytes) {
        match entry {
            Ok((LIST_ELEM, inside)) => {
                let (expression, flaw) = read(inside);
                expressions.push(expression);
                flaws.extend(flaw);
            }
            Ok((kind, inside)) => {
                expressions.push(Expression::Unknown { name: String::new(), raw: inside.to_vec() });
                flaws.push(Flaw::Attribute(kind));
            }
            Err(flaw) => {
                expressions.push(Expression::Unknown { name: String::new(), raw: bytes.to_vec() });
                flaws.push(flaw);
            }
        }
    }
    expressions
}

/// Name and attribute bytes of an expression. One without attributes (`notrack`) has no second part.
fn split(bytes: &[u8]) -> Result<(String, &[u8]), Flaw> {
    const NAME: u16 = 1;
    const DATA: u16 = 2;
    let mut from = Attributes::read(bytes)?;
    let name = from.need_text(NAME)?;
    let data = from.take(DATA).unwrap_or_default();
    from.finish()?;
    Ok((name, data))
}

fn by_name(name: &str, data: &[u8]) -> Result<Expression, Flaw> {
    if STATEMENTS.contains(&name) {
        return Ok(Expression::Statement { name: name.to_owned() });
    }
    let mut from = Attributes::read(data)?;
    let expression = match name {
        "payload" => load::payload(&mut from),
        "meta" => load::meta(&mut from),
        "ct" => load::ct(&mut from),
        "socket" => load::socket(&mut from, data),
        "exthdr" => load::exthdr(&mut from, data),
        "fib" => load::fib(&mut from, data),
        "rt" => load::rt(&mut from, data),
        "osf" => load::osf(&mut from, data),
        "numgen" => load::numgen(&mut from, data),
        "hash" => load::hash(&mut from, data),
        "xfrm" => load::xfrm(&mut from, data),
        "tunnel" => load::tunnel(&mut from, data),
        "inner" => load::inner(&mut from, data),
        "cmp" => test::cmp(&mut from),
        "range" => test::range(&mut from),
        "bitwise" => test::bitwise(&mut from),
        "byteorder" => test::byteorder(&mut from),
        "lookup" => test::lookup(&mut from),
        "limit" => test::limit(&mut from),
        "quota" => test::quota(&mut from),
        "connlimit" => test::connlimit(&mut from),
        "immediate" => act::immediate(&mut from),
        "counter" => act::counter(&mut from),
        "last" => act::last(&mut from),
        "log" => act::log(&mut from),
        "reject" => act::reject(&mut from),
        "queue" => act::queue(&mut from),
        "notrack" => Ok(Expression::Notrack),
        "nat" => act::nat(&mut from),
        "masq" => act::masquerade(&mut from),
        "redir" => act::redirect(&mut from),
        "tproxy" => act::tproxy(&mut from),
        "dynset" => act::dynset(&mut from),
        "objref" => act::objref(&mut from),
        "match" | "target" => act::xtables(name, &mut from, data),
        _ => {
            return Ok(Expression::Unknown { name: name.to_owned(), raw: data.to_vec() });
        }
    }?;
    from.finish()?;
    Ok(expression)
}
