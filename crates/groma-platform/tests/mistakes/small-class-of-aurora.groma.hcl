platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "prod" {}
database "main" {
  engine = "aurora-mysql-8.0"
  size   = "db.t4g.micro"
}
