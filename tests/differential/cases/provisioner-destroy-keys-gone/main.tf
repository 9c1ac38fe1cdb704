variable "v" {
  type = list(string)
  default = ["a", "b"]
}
resource "terraform_data" "c" {
  for_each = toset(var.v)
  provisioner "local-exec" {
    when = destroy
    command = "echo ${each.key} > gone-${each.key}"
  }
}
resource "terraform_data" "d" {
  count = length(var.v)
  provisioner "local-exec" {
    when = destroy
    command = "echo ${count.index} > gone-${count.index}"
  }
}
