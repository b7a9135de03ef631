resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = "vpc-1"
}

module "app" {
  source = "./app"

  security_group_ids = [aws_security_group.app.id]
}

module "database" {
  source = "./database"
}
