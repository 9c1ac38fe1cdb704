//! `terraform` blocks.

use super::constant::string_arg;
use super::{Cx, required_providers};
use crate::content::{Shape, content, opt};
use crate::model::{Backend, Module};
use groma_lang::{Attribute, Block, ExprKind, Span};
use groma_value::version::Constraints;

const TERRAFORM: Shape = Shape {
    attrs: &[opt("required_version"), opt("experiments"), opt("language")],
    blocks: &[
        ("backend", &["type"]),
        ("cloud", &[]),
        ("required_providers", &[]),
        ("provider_meta", &["provider"]),
    ],
};

/// The content of all `terraform` blocks of a module, and where its parts are,
/// to find duplicates.
#[derive(Default)]
pub(crate) struct Settings {
    required_providers: Option<Span>,
    metas: Vec<(groma_value::Name, Span)>,
    /// Duplicates, to be reported after what is wrong within blocks.
    pub late: Vec<groma_lang::Diagnostic>,
}

/// A `terraform` block, into the module.
pub(crate) fn terraform(block: &Block, settings: &mut Settings, module: &mut Module, cx: &mut Cx<'_>) {
    let found = content(&block.body, &TERRAFORM, cx);
    if let Some(a) = found.attr("required_version") {
        module.required_versions.extend(required_version(a, cx));
    }
    if let Some(a) = found.attr("language") {
        language(a, cx);
    }
    if let Some(a) = found.attr("experiments") {
        experiments(a, cx);
    }
    let duplicate = |settings: &mut Settings, b: &Block, summary: &str, detail: String| {
        settings.late.push(groma_lang::Diagnostic::error(summary, detail).at(b.header));
    };
    for b in &found.blocks {
        match &*b.ty.name {
            "backend" => {
                let Some(ty) = b.labels.first() else { continue };
                if let Some(first) = &module.backend {
                    let detail = format!(
                        "A module has one backend, and this has one already, at {}.",
                        cx.place(first.span)
                    );
                    duplicate(settings, b, "Duplicate backend configuration", detail);
                } else {
                    module.backend = Some(Backend { ty: ty.clone(), body: b.body.clone(), span: b.header });
                }
            }
            "cloud" => {
                if let Some(first) = module.cloud {
                    let detail = format!(
                        "A module has one cloud block, and this has one already, at {}.",
                        cx.place(first)
                    );
                    duplicate(settings, b, "Duplicate HCP Terraform configurations", detail);
                } else {
                    module.cloud = Some(b.header);
                }
            }
            "required_providers" => {
                let entries = required_providers::decode(b, cx);
                if let Some(first) = settings.required_providers {
                    let detail = format!(
                        "A module has one required_providers block, and this has one already, at {}.",
                        cx.place(first)
                    );
                    duplicate(settings, b, "Duplicate required providers configuration", detail);
                } else {
                    settings.required_providers = Some(b.header);
                    module.required_providers = entries;
                }
            }
            _ => {
                let Some(provider) = b.labels.first() else { continue };
                if let Some((_, first)) = settings.metas.iter().find(|(n, _)| *n == provider.name) {
                    let detail = format!(
                        "The provider \"{}\" has a provider_meta block already, at {}, and may have one only.",
                        provider.name,
                        cx.place(*first)
                    );
                    duplicate(settings, b, "Duplicate provider_meta block", detail);
                } else {
                    settings.metas.push((provider.name.clone(), b.header));
                    module.provider_metas.insert(provider.name.clone(), b.body.clone());
                }
            }
        }
    }
}

/// What is wrong with the settings of a whole module.
pub(crate) fn finish(settings: Settings, module: &Module, cx: &mut Cx<'_>) {
    cx.diags.extend(settings.late);
    if let (Some(backend), Some(cloud)) = (&module.backend, module.cloud) {
        let place = cx.place(cloud);
        cx.error(
            backend.span,
            "Both a backend and cloud configuration are present",
            format!("State is kept either by a backend or by a cloud block, and there is a cloud block at {place}."),
        );
    }
}

fn required_version(a: &Attribute, cx: &mut Cx<'_>) -> Option<(String, Span)> {
    let span = a.expr.span;
    let text = string_arg(a, cx)?;
    // Whether the version fits is looked at when all modules are loaded.
    check_constraint(&text, span, cx).then_some((text, span))
}

fn bad_constraint(text: &str) -> String {
    format!("\"{text}\" is no version constraint. Constraints look like \"~> 1.2\" or \">= 1.2.0, < 2.0.0\".")
}

/// Reports a version constraint that cannot be read.
pub(crate) fn check_constraint(text: &str, span: Span, cx: &mut Cx<'_>) -> bool {
    let good = Constraints::parse(text).is_ok();
    if !good {
        cx.error(span, "Invalid version constraint", bad_constraint(text));
    }
    good
}

fn language(a: &Attribute, cx: &mut Cx<'_>) {
    match &a.expr.kind {
        ExprKind::Variable(edition) if &**edition == "TF2021" => {}
        ExprKind::Variable(edition) => {
            let detail =
                format!("There is only one edition of the language, TF2021, and \"{edition}\" is another.");
            cx.error(a.expr.span, "Unsupported language edition", detail);
        }
        _ => cx.error(
            a.expr.span,
            "Invalid language edition",
            "The edition of the language is a single word: TF2021",
        ),
    }
}

fn experiments(a: &Attribute, cx: &mut Cx<'_>) {
    cx.error(
        a.name.span,
        "Module uses experimental features",
        "Experiments of the language are not available.",
    );
}
