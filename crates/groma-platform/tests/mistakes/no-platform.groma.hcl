environment "prod" {}
