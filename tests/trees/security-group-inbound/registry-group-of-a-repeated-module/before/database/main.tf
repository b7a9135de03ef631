variable "name" {
  type = string
}

module "security_group" {
  source  = "terraform-aws-modules/security-group/aws"
  version = "~> 5.0"

  name   = var.name
  vpc_id = "vpc-1"

  use_name_prefix = false
}

resource "aws_db_instance" "this" {
  identifier             = "bond-db"
  engine                 = "postgres"
  instance_class         = "db.t4g.micro"
  vpc_security_group_ids = [module.security_group.security_group_id]
}
