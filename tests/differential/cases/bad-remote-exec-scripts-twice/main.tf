resource "terraform_data" "a" {
}

resource "terraform_data" "b" {
  connection {
    host = "x"
  }
  provisioner "remote-exec" {
    inline = [terraform_data.a.id]
    script = terraform_data.a.id
  }
}
