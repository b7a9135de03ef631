variable "worker_security_group_id" {
  description = "ID of the security group of the worker"
  type        = string
}

resource "aws_security_group" "db" {
  name   = "bond-db"
  vpc_id = "vpc-1"
}

resource "aws_vpc_security_group_ingress_rule" "worker" {
  security_group_id            = aws_security_group.db.id
  referenced_security_group_id = var.worker_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}
