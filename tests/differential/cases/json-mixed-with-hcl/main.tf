variable "x" { default = "from hcl" }
output "y" { value = local.y }
