//! The one table of the manifest's language: every block, argument, type, default,
//! range, documentation and example. Parsing, checks, messages, `groma explain` and the
//! reference read it; nothing else lists names.

mod compute;
mod data;
mod foundation;
mod people;

use crate::model::{Kind, Right};

pub(crate) use super::text::Text;

/// A kind of block.
#[derive(Debug)]
pub(crate) struct BlockSpec {
    /// The word that begins it.
    pub keyword: &'static str,
    /// Of a component; `None` for what stands around components.
    pub kind: Option<Kind>,
    /// Whether there may be one only.
    pub single: bool,
    /// A sentence or two.
    pub doc: &'static str,
    /// A whole block as it might be written.
    pub example: &'static str,
    /// The arguments, in the order of the reference.
    pub args: &'static [Arg],
    /// What `uses` may say of it.
    pub rights: &'static [Right],
    /// The right that a reference without one means.
    pub default_right: Option<Right>,
    /// What inputs of `module` blocks may refer to: name and meaning.
    pub attributes: &'static [(&'static str, &'static str)],
    /// The longest name that AWS takes.
    pub limit: Option<NameLimit>,
}

/// How long a name may be that is made of platform, environment and component.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NameLimit {
    /// Characters.
    pub most: usize,
    /// Characters that are added to the name.
    pub added: usize,
    /// Whose name it is.
    pub what: &'static str,
}

/// An argument.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arg {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub ty: Type,
    /// What holds where it is not written.
    pub default: Default,
    /// A sentence or two.
    pub doc: &'static str,
    /// A value as it might be written.
    pub example: &'static str,
    /// Other words that people try.
    pub near: &'static [&'static str],
    /// Of an environment: not taken over by one that is like it.
    pub own: bool,
}

/// What holds where an argument is not written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Default {
    /// It must be written.
    Required,
    /// This value, as it would be written.
    Value(&'static str),
    /// What the sentence says.
    Says(&'static str),
}

/// What an argument takes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Type {
    /// `true` or `false`.
    Bool,
    /// A whole number in a range.
    Whole(i64, i64),
    /// A number in a range.
    Number(f64, f64),
    /// A text that follows a rule.
    Text(Text),
    /// One of these whole numbers.
    OneOf(&'static [i64]),
    /// One of these texts.
    Choice(&'static [&'static str]),
    /// A text, number or boolean, taken as text.
    Scalar,
    /// A reference to a block of one of these keywords.
    Block(&'static [&'static str]),
    /// A right: `queue.jobs.send`.
    Use,
    /// What starts a function.
    Trigger,
    /// The word `load_balancer`.
    Word(&'static str),
    /// Any number of these.
    List(&'static Type),
    /// Names of the user's choice, with these.
    Map(&'static Type),
    /// Named values.
    Object(&'static [Arg]),
    /// One of these, told apart by their form.
    Either(&'static [Type]),
    /// Any value; references to attributes of components too.
    Any,
}

impl Arg {
    const fn near(mut self, words: &'static [&'static str]) -> Arg {
        self.near = words;
        self
    }
    const fn own(mut self) -> Arg {
        self.own = true;
        self
    }
}

const fn arg(
    name: &'static str,
    ty: Type,
    default: Default,
    doc: &'static str,
    example: &'static str,
) -> Arg {
    Arg { name, ty, default, doc, example, near: &[], own: false }
}

const TEXTS: Type = Type::List(&Type::Text(Text::Any));

/// Arguments that every component has.
pub(crate) const COMMON: &[Arg] = &[
    arg(
        "only",
        Type::List(&Type::Block(&["environment"])),
        Default::Says("in every environment"),
        "The environments that have it. One that is like them is not among them unless it is named.",
        "[environment.prod]",
    ),
    arg(
        "except",
        Type::List(&Type::Block(&["environment"])),
        Default::Says("in every environment"),
        "The environments that do not have it.",
        "[environment.dev]",
    ),
];

/// All blocks, in the order of the reference.
pub(crate) static BLOCKS: &[&BlockSpec] = &[
    &foundation::PLATFORM,
    &foundation::NETWORK,
    &foundation::ENVIRONMENT,
    &foundation::IMAGE,
    &compute::SERVICE,
    &compute::FUNCTION,
    &compute::JOB,
    &data::DATABASE,
    &data::CACHE,
    &data::QUEUE,
    &data::TOPIC,
    &data::STREAM,
    &data::BUCKET,
    &data::SECRET,
    &data::MAIL,
    &people::ACCESS,
    &people::ROLE,
    &people::EDGE,
    &people::VPN,
    &people::ALARM,
    &people::MODULE,
    &foundation::PROVE,
    &foundation::ORGANIZATION,
];

/// The block of a keyword.
pub(crate) fn block(keyword: &str) -> Option<&'static BlockSpec> {
    BLOCKS.iter().find(|b| b.keyword == keyword).copied()
}

/// The block of a kind of component.
pub(crate) fn component(kind: Kind) -> &'static BlockSpec {
    BLOCKS.iter().find(|b| b.kind == Some(kind)).copied().unwrap_or(&compute::SERVICE)
}

impl BlockSpec {
    /// Its arguments and, of a component, those that all components have.
    pub fn all_args(&self) -> impl Iterator<Item = &'static Arg> + Clone {
        let common: &'static [Arg] = if self.kind.is_some() { COMMON } else { &[] };
        self.args.iter().chain(common)
    }
    /// The argument of a name.
    pub fn arg(&self, name: &str) -> Option<&'static Arg> {
        self.all_args().find(|a| a.name == name)
    }
}

/// What is said where `given` is none of `args`: the nearest name, or all of them.
pub(crate) fn hint<'a>(given: &str, args: impl Iterator<Item = &'a Arg> + Clone) -> String {
    if let Some(a) = args.clone().find(|a| a.near.contains(&given)) {
        return format!("What it means is called \"{}\" here: {}", a.name, a.doc);
    }
    if let Some(near) = groma_lang::diag::suggest(given, args.clone().map(|a| a.name)) {
        return format!("Did you mean \"{near}\"?");
    }
    let names: Vec<&str> = args.map(|a| a.name).collect();
    if names.is_empty() { "It takes no arguments.".into() } else { format!("It has {}.", and(&names)) }
}

/// `a, b and c`
pub(crate) fn and<S: AsRef<str>>(names: &[S]) -> String {
    joined(names, "and")
}

/// `a, b or c`
pub(crate) fn or<S: AsRef<str>>(names: &[S]) -> String {
    joined(names, "or")
}

fn joined<S: AsRef<str>>(names: &[S], word: &str) -> String {
    match names {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} {word} {}", first.join(", "), last.as_ref())
        }
    }
}

/// `a` or `an`, for the word that follows.
pub(crate) fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" }
}

impl Type {
    /// What it takes, for messages and the reference: `a whole number from 1 to 6`.
    pub fn describe(&self) -> String {
        match self {
            Type::Bool => "true or false".into(),
            Type::Whole(min, i64::MAX) => format!("a whole number of at least {min}"),
            Type::Whole(min, max) => format!("a whole number from {min} to {max}"),
            Type::Number(min, f64::MAX) => format!("a number of at least {min}"),
            Type::Number(min, max) => format!("a number from {min} to {max}"),
            Type::OneOf(n) => format!("one of {}", or(&n.iter().map(i64::to_string).collect::<Vec<_>>())),
            Type::Text(t) => t.doc().into(),
            Type::Choice(c) => or(&c.iter().map(|c| format!("\"{c}\"")).collect::<Vec<_>>()),
            Type::Scalar => "a text, a number, true or false".into(),
            Type::Block(k) => {
                let forms: Vec<String> = k.iter().map(|k| format!("{k}.NAME")).collect();
                format!("a reference such as {}", or(&forms))
            }
            Type::Use => "something that is used, such as queue.NAME.send".into(),
            Type::Trigger => {
                "bucket.NAME.created, bucket.NAME.removed, queue.NAME, topic.NAME or schedule[\"rate(5 minutes)\"]"
                    .into()
            }
            Type::Word(w) => (*w).into(),
            Type::List(t) => format!("a list, each element {}", t.describe()),
            Type::Map(t) => format!("names with values, each {}", t.describe()),
            Type::Object(args) => {
                format!("an object with {}", and(&args.iter().map(|a| a.name).collect::<Vec<_>>()))
            }
            Type::Either(types) => or(&types.iter().map(Type::describe).collect::<Vec<_>>()),
            Type::Any => "any value".into(),
        }
    }

    /// The arguments of the object that it takes, be it within a list or a map.
    pub fn fields(&self) -> Option<&'static [Arg]> {
        match self {
            Type::Object(args) => Some(args),
            Type::List(t) | Type::Map(t) => t.fields(),
            Type::Either(types) => types.iter().find_map(Type::fields),
            _ => None,
        }
    }
}
