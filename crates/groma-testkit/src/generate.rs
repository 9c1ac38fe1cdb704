//! Configurations too long to keep as files.

use std::fmt::Write;

/// The text of a configuration with `n` `terraform_data` resources in layers of 100, each resource depending on two
/// of the layer before.
pub fn scale_layers(n: usize) -> String {
    let mut text = String::with_capacity(n * 130);
    for i in 0..n {
        write!(text, "resource \"terraform_data\" \"r{i}\" {{\n  input = \"v{i}\"\n")
            .expect("a string grows");
        if let Some(above) = i.checked_sub(100) {
            let other = (i / 100 - 1) * 100 + (i * 7) % 100;
            writeln!(text, "  triggers_replace = [terraform_data.r{above}.id, terraform_data.r{other}.id]")
                .expect("a string grows");
        }
        text.push_str("}\n\n");
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn layers_depend_on_the_layer_before_only() {
        let text = super::scale_layers(201);
        let block = "resource \"terraform_data\" \"r200\" {\n  input = \"v200\"\n  \
                     triggers_replace = [terraform_data.r100.id, terraform_data.r100.id]\n}\n\n";
        assert!(text.ends_with(block));
        assert_eq!(text.matches("triggers_replace").count(), 101);
    }
}
