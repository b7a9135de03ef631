terraform {
  source = "../../../modules//LAB"
}

inputs = {
  name = get_env("LAB_NAME")
}
