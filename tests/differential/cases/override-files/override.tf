variable "v" { default = "override" }
locals {
  b = "override b"
}
