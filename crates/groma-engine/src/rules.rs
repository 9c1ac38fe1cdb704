//! Conditions: what rules of checks, resources, outputs and variables come to.

use crate::checks::{CheckKind, CheckStatus};
use crate::scope::ModuleScope;
use crate::walk::{Phase, Rules, Walk, contains_mark};
use groma_config::CheckRule;
use groma_lang::eval::{Scope, Step};
use groma_lang::{Diagnostic, Diagnostics, Severity};
use groma_value::{Mark, Type, Value, convert};

impl Walk<'_> {
    /// Evaluates conditions. Whether all hold or are not known yet.
    pub fn check_rules(&self, list: &[CheckRule], scope: &ModuleScope<'_>, rules: &Rules<'_>) -> bool {
        // What stands in for something need not fulfil its conditions.
        if self.phase == Phase::Rehearse {
            return true;
        }
        let mut ok = true;
        for rule in list {
            let mut diags = Diagnostics::new();
            let v = groma_lang::eval::evaluate(&rule.condition, scope, &mut diags);
            let evaluated = !diags.has_errors();
            let (status, failure) = self.rule_outcome(rule, &v, scope, rules, &mut diags);
            let mistake = evaluated && status == CheckStatus::Error;
            // A check only warns; but a condition that is no condition is a mistake.
            if rules.severity == Severity::Warning && !mistake {
                for d in diags.iter_mut() {
                    d.severity = Severity::Warning;
                }
            }
            if self.phase == Phase::Validate {
                message_fits(rule, scope, &mut diags);
            }
            ok &= self.report(diags);
            if self.phase != Phase::Validate {
                self.checks.borrow_mut().report(rules.kind, rules.config_addr, rules.addr, status, failure);
            }
        }
        ok
    }

    fn rule_outcome(
        &self,
        rule: &CheckRule,
        v: &Value,
        scope: &ModuleScope<'_>,
        rules: &Rules<'_>,
        diags: &mut Diagnostics,
    ) -> (CheckStatus, Option<String>) {
        if diags.has_errors() {
            return (CheckStatus::Error, None);
        }
        let v = v.peel();
        let holds = match convert(v, &Type::Bool) {
            Ok(Value::Unknown(..)) => {
                if self.cx.overlay.testing && rules.kind == CheckKind::Check && self.phase == Phase::Plan {
                    let mut d = Diagnostic::warning(
                        "Check block assertion known after apply",
                        "The condition cannot be evaluated yet: it refers to something that is known only after an apply.",
                    )
                    .at(rule.condition.span);
                    d.values = groma_lang::eval::value_notes(&rule.condition, scope);
                    d.origin = Some(rules.origin());
                    diags.push(d);
                }
                return (CheckStatus::Unknown, None);
            }
            Ok(Value::Bool(b)) => b,
            Ok(_) | Err(_) => {
                let why = if v.is_null() {
                    "Condition expression must return either true or false, not null.".to_owned()
                } else {
                    format!(
                        "Condition expression must return either true or false, not {}.",
                        v.ty().friendly_name()
                    )
                };
                diags.push(Diagnostic::error("Invalid condition result", why).at(rule.condition.span));
                return (CheckStatus::Error, None);
            }
        };
        if holds {
            return (CheckStatus::Pass, None);
        }
        if self.phase == Phase::Validate && rules.kind != CheckKind::Variable {
            return (CheckStatus::Unknown, None);
        }
        let before = diags.len();
        let message = groma_lang::eval::evaluate(&rule.error_message, scope, diags);
        let text = if diags.iter().skip(before).any(Diagnostic::is_error) {
            "The condition does not hold, and its error message could not be evaluated.".to_owned()
        } else if let Some((article, kind)) = hidden(&message) {
            let d = Diagnostic::warning(
                format!("Error message refers to {kind} values"),
                format!("The message is not shown, because something in it is {kind}. Leave that out of the message."),
            )
            .at(rule.error_message.span);
            if rules.kind != CheckKind::Variable {
                diags.push(d);
            } else if refers_to_hidden(rule, scope, rules.config_addr) {
                diags.push(Diagnostic { severity: Severity::Error, ..d });
            }
            format!("The error message included {article} {kind} value, so it will not be displayed.")
        } else {
            match convert(&message.unmark_deep().0, &Type::String) {
                Ok(Value::String(s)) => s.trim().to_owned(),
                _ => "The condition does not hold, and its error message is not known yet.".to_owned(),
            }
        };
        let mut d = match rules.subject {
            // The value's place is of more use than the rule's; the rule is named.
            Some(s) => Diagnostic::error(
                rules.summary,
                format!("{text}\n\nThis was checked by the validation rule of {}.", rules.addr),
            )
            .at(s),
            None => Diagnostic::error(rules.summary, text.clone()).at(rule.condition.span),
        };
        d.severity = rules.severity;
        d.origin = Some(rules.origin());
        d.values = groma_lang::eval::value_notes(&rule.condition, scope);
        diags.push(d);
        // What cannot be said yet is no message for programs.
        let told = message.is_wholly_known() && hidden(&message).is_none();
        (CheckStatus::Fail, told.then_some(text))
    }
}

/// What a message is that is not to be shown, with its article.
fn hidden(message: &Value) -> Option<(&'static str, &'static str)> {
    let sensitive = ("a", "sensitive");
    let kinds = [
        (Mark::Sensitive, sensitive),
        (Mark::SensitiveOutput, sensitive),
        (Mark::Ephemeral, ("an", "ephemeral")),
    ];
    kinds.into_iter().find(|(mark, _)| contains_mark(message, mark)).map(|(_, words)| words)
}

/// Whether the message of a variable's rule refers to something hidden besides the variable,
/// of which the rule is free to speak.
fn refers_to_hidden(rule: &CheckRule, scope: &ModuleScope<'_>, variable: &str) -> bool {
    rule.error_message.references().iter().any(|t| {
        let steps: Vec<Step> = t.steps.iter().map(Step::from).collect();
        let own = match steps.first() {
            Some(Step::Attr(name, _)) => &*t.root.name == "var" && variable.rsplit('.').next() == Some(name),
            _ => false,
        };
        let value = scope.resolve(&t.root, &steps, &mut Diagnostics::new());
        !own && value.is_some_and(|v| hidden(&v.value).is_some())
    })
}

/// Says what is wrong with the message of a rule whether or not it is ever needed.
fn message_fits(rule: &CheckRule, scope: &ModuleScope<'_>, diags: &mut Diagnostics) {
    let message = groma_lang::eval::evaluate(&rule.error_message, scope, diags);
    if message.is_wholly_known() && convert(&message.unmark_deep().0, &Type::String).is_err() {
        diags.error(
            rule.error_message.span,
            "Invalid error message",
            format!(
                "Unsuitable value for error message: string required, and this is {}.",
                message.ty().friendly_name()
            ),
        );
    }
}
