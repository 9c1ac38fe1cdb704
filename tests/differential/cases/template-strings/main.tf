locals {
  n    = 5
  name = "x"
}
output "all" {
  value = [
    "plain", "a${local.name}b", "${local.n}", "${local.name}", "${local.n + 1} and ${true}",
    "$${escaped} %%{escaped}", "quote \" backslash \\ newline \n tab \t cr \r",
    "\u00e9 \U0001F600 é 😀", "${"nested ${"deeper ${local.name}"}"}", "$ % { } $x", "",
    "${local.name == "x" ? "yes" : "no"}",
  ]
}
output "kept_type" { value = "${[local.n]}" }
