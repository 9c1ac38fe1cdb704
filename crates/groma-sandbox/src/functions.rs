//! The provider's functions: `provider::aws::arn_parse` and its kin.

use groma_value::{Type, Value};

/// Calls a function; `None` where there is none of this name, `Err` with the argument and the reason.
pub(crate) fn call(name: &str, args: &[Value]) -> Option<Result<Value, (Option<usize>, String)>> {
    let text = |i: usize| args.get(i).and_then(Value::as_str).unwrap_or_default();
    Some(match name {
        _ if args.iter().any(|a| !a.is_wholly_known()) => Ok(match name {
            "arn_parse" => Value::unknown(parsed_type()),
            _ => Value::unknown(Type::String),
        }),
        "arn_parse" => arn_parse(text(0)),
        "arn_build" => {
            let parts: Vec<&str> = (0..5).map(text).collect();
            Ok(Value::string(format!("arn:{}", parts.join(":"))))
        }
        "trim_iam_role_path" => trim_iam_role_path(text(0)),
        _ => return None,
    })
}

const PARTS: [&str; 5] = ["partition", "service", "region", "account_id", "resource"];

fn parsed_type() -> Type {
    Type::object(PARTS.map(|p| (p, Type::String)))
}

fn split(arn: &str) -> Result<Vec<&str>, (Option<usize>, String)> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts.first() {
        Some(&"arn") if parts.len() == 6 => Ok(parts),
        Some(&"arn") => Err((Some(0), "arn: not enough sections".to_owned())),
        _ => Err((Some(0), "arn: invalid prefix".to_owned())),
    }
}

fn arn_parse(arn: &str) -> Result<Value, (Option<usize>, String)> {
    let parts = split(arn)?;
    Ok(Value::object(PARTS.iter().zip(&parts[1..]).map(|(name, v)| (*name, Value::string(v)))))
}

/// The ARN of a role without the path before its name.
fn trim_iam_role_path(arn: &str) -> Result<Value, (Option<usize>, String)> {
    let parts = split(arn)?;
    let wrong = |why: &str| Err((Some(0), why.to_owned()));
    if parts[2] != "iam" {
        return wrong("service must be \"iam\"");
    }
    if !parts[3].is_empty() {
        return wrong("region must be empty");
    }
    let Some(role) = parts[5].strip_prefix("role/") else {
        return wrong("resource must begin with \"role/\"");
    };
    let name = role.rsplit('/').next().unwrap_or(role);
    Ok(Value::string(format!("{}:role/{name}", parts[..5].join(":"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns() {
        let one = |name: &str, arg: &str| call(name, &[Value::string(arg)]).unwrap();
        let parsed = one("arn_parse", "arn:aws:iam::444455556666:role/a/b").unwrap();
        assert_eq!(parsed.get_attr("resource"), Some(Value::string("role/a/b")));
        let trimmed = one("trim_iam_role_path", "arn:aws:iam::444455556666:role/with/path/example");
        assert_eq!(trimmed.unwrap().as_str(), Some("arn:aws:iam::444455556666:role/example"));
        assert!(one("arn_parse", "x").unwrap_err().1.contains("prefix"));
        assert!(one("trim_iam_role_path", "arn:aws:s3:::b").is_err() && call("none", &[]).is_none());
        let parts = ["aws", "iam", "", "1", "user/x"].map(Value::string);
        assert_eq!(call("arn_build", &parts).unwrap().unwrap().as_str(), Some("arn:aws:iam::1:user/x"));
    }
}
