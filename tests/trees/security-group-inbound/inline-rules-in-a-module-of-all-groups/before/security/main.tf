resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = "vpc-1"
}

resource "aws_security_group" "worker" {
  name   = "bond-worker"
  vpc_id = "vpc-1"
}

resource "aws_security_group" "db" {
  name   = "bond-db"
  vpc_id = "vpc-1"

  ingress {
    description     = "Postgres from the worker"
    from_port       = 5432
    to_port         = 5432
    protocol        = "tcp"
    security_groups = [aws_security_group.worker.id]
  }
}

output "app_security_group_id" {
  value = aws_security_group.app.id
}
