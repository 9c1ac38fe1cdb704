resource "terraform_data" "b" {
  connection {
    host = "x"
  }
  provisioner "file" {
    source      = null
    destination = "/x"
  }
}
