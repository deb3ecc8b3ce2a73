# Set-up, environment and the stack of up, preview and down. Sourced from the checkout's root.
# shellcheck shell=bash

scripts/setup
. scripts/env
# Not exported: the CLI would hold any other command to it.
stack=${PULUMI_STACK:-dev}

# By file where the backend is a folder: asking the CLI takes half a second. No answer counts as "not there".
stack_is_there() {
  case $PULUMI_BACKEND_URL in
    file://*)
      local project
      project=$(sed -n 's/^name: *//p' Pulumi.yaml)
      [ -e "${PULUMI_BACKEND_URL#file://}/.pulumi/stacks/$project/$stack.json" ] ||
        [ -e "${PULUMI_BACKEND_URL#file://}/.pulumi/stacks/$project/$stack.json.gz" ]
      ;;
    *) pulumi stack --stack "$stack" --show-name >/dev/null 2>&1 ;;
  esac
}

make_stack() { stack_is_there || pulumi stack init "$stack"; }
