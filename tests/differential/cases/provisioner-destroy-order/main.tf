resource "terraform_data" "a" {
  input = "a"
  provisioner "local-exec" {
    when    = destroy
    command = "printf '${self.output} ' >> order.txt"
  }
}
resource "terraform_data" "b" {
  input = terraform_data.a.output
  provisioner "local-exec" {
    when    = destroy
    command = "printf 'b after ${self.input} ' >> order.txt"
  }
}
