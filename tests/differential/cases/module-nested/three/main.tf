variable "name" { type = string }
resource "terraform_data" "leaf" { input = "${var.name}/three" }
output "id_of" { value = "${terraform_data.leaf.output} ${terraform_data.leaf.id}" }
